// Phase 2 of a production key: wraps snarkjs, and reads who contributed from the key itself, never from its log.

import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";

import { Refusal, importFile, importPackage, serve } from "./protocol.mjs";

const snarkjs = await importPackage("snarkjs");
const binfile = await importPackage("@iden3/binfileutils");
const tauUtils = await importFile("snarkjs/src/powersoftau_utils.js");
const keyUtils = await importFile("snarkjs/src/zkey_utils.js");

const BEACON = 1; // contribution type in both file formats; 0 is a participant

serve({
    async verifyTau({ ptau }, progress) {
        await accepted("the powers of tau", (logger) => snarkjs.powersOfTau.verify(ptau, logger), progress);
        return readTau(ptau);
    },

    async create({ r1cs, ptau, zkey }, progress) {
        const created = { type: "mem" };
        await accepted(
            "the new key",
            async (logger) => (await snarkjs.zKey.newZKey(r1cs, ptau, created, logger)) !== -1,
            progress,
        );
        writeFileSync(zkey, created.data);
    },

    async contribute({ source, zkey, name, entropy }, progress) {
        return extend(zkey, progress, (contributed, logger) =>
            // snarkjs adds 64 random bytes of its own; the first half here keeps it from asking for entropy.
            snarkjs.zKey.contribute(source, contributed, name, randomBytes(64).toString("hex") + entropy, logger),
        );
    },

    async beacon({ source, zkey, value, iterations }, progress) {
        return extend(zkey, progress, (contributed, logger) =>
            snarkjs.zKey.beacon(source, contributed, "beacon", value, iterations, logger),
        );
    },

    async verify({ r1cs, ptau, zkey }, progress) {
        await accepted("the key", (logger) => snarkjs.zKey.verifyFromR1cs(r1cs, ptau, zkey, logger), progress);
        return { contributions: await readKey(zkey), verificationKey: await snarkjs.zKey.exportVerificationKey(zkey) };
    },
});

/** Runs one of snarkjs' checks; what it refuses, or cannot read, becomes a Refusal in its own words. */
async function accepted(what, check, progress) {
    const complaints = [];
    const tick = () => progress(0, 1);
    const logger = { debug: tick, info: tick, log: tick, warn: tick, error: (message) => complaints.push(message) };
    let result;
    try {
        result = await check(logger);
    } catch (error) {
        complaints.push(error.message);
    }
    if (!result) {
        throw new Refusal("refused", `${what}: ${complaints.join("; ") || "refused by snarkjs"}`);
    }
    return result;
}

async function extend(zkey, progress, contribute) {
    const contributed = { type: "mem" };
    const hash = await accepted("the contribution", (logger) => contribute(contributed, logger), progress);
    writeFileSync(zkey, contributed.data);
    return Buffer.from(hash).toString("hex");
}

async function readTau(path) {
    const { fd, sections } = await binfile.readBinFile(path, "ptau", 1);
    const { curve, power } = await tauUtils.readPTauHeader(fd, sections);
    const contributions = await tauUtils.readContributions(fd, curve, sections);
    await fd.close();
    return { power, participants: contributions.filter(({ type }) => type !== BEACON).length };
}

async function readKey(path) {
    const { fd, sections } = await binfile.readBinFile(path, "zkey", 2);
    const { curve } = await keyUtils.readHeader(fd, sections);
    const { contributions } = await keyUtils.readMPCParams(fd, curve, sections);
    await fd.close();
    return contributions.map((contribution) => {
        const hasher = createHash("blake2b512");
        keyUtils.hashPubKey(hasher, curve, contribution);
        const kind = contribution.type === BEACON ? "beacon" : "participant";
        return { name: contribution.name ?? "", kind, hash: hasher.digest("hex") };
    });
}
