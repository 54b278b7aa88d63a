// Development keys: powers of tau and a proving key with one contribution, all secrets from the operating system.
//
// Everything is made in memory and written at the end, so a full disk is an error of one write.

import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";

import { Refusal, importPackage, serve } from "./protocol.mjs";

const snarkjs = await importPackage("snarkjs");
const NAME = "unsafe development key";

// Shares of the time, measured at 2^11; the sections of preparePhase2 in their order.
const SHARE_CONTRIBUTE = 0.09;
const SHARE_SECTION = { tauG1: 0.27, tauG2: 0.42, alphaTauG1: 0.11, betaTauG1: 0.11 };
// Of zKey.newZKey, in the order in which it writes its sections.
const SHARE_POINTS = { C: 0.2, A: 0.15, B1: 0.15, B2: 0.5 };

serve({
    async powersOfTau({ power, path }, progress) {
        const logger = loggerOf(tauProgress(power, (done) => progress(done, 1)));
        const curve = await snarkjs.curves.getCurveFromName("bn128");
        const [blank, contributed, prepared] = [memory(), memory(), memory()];
        await snarkjs.powersOfTau.newAccumulator(curve, power, blank, logger);
        await snarkjs.powersOfTau.contribute(blank, contributed, NAME, entropy(), logger);
        await snarkjs.powersOfTau.preparePhase2(contributed, prepared, logger);
        writeFileSync(path, prepared.data);
    },

    async provingKey({ r1cs, ptau, zkey }, progress) {
        const logger = loggerOf(pointsProgress((done) => progress(done, 1)));
        const [initial, contributed] = [memory(), memory()];
        if ((await snarkjs.zKey.newZKey(r1cs, ptau, initial, logger)) === -1) {
            throw new Refusal("refused", "snarkjs refuses these powers of tau for this circuit");
        }
        await snarkjs.zKey.contribute(initial, contributed, NAME, entropy());
        writeFileSync(zkey, contributed.data);
        return snarkjs.zKey.exportVerificationKey(contributed);
    },
});

function memory() {
    return { type: "mem" };
}

function entropy() {
    return randomBytes(64).toString("hex");
}

function loggerOf(listen) {
    return { debug: listen, info: listen, log: listen, warn: listen, error: listen };
}

/** Reads from snarkjs' messages ("tauG2: fft 9 mix end: 1/2") how far preparePhase2 has come. */
function tauProgress(power, report) {
    let before = SHARE_CONTRIBUTE;
    let current = null;
    return (message) => {
        const match = /^(\w+): fft (\d+) /.exec(message);
        if (!match || !(match[1] in SHARE_SECTION)) {
            return;
        }
        const [, section, size] = match;
        if (current !== section) {
            before += current === null ? 0 : SHARE_SECTION[current];
            current = section;
        }
        // Sizes double, so all smaller ones together took about as long as this one will.
        report(before + SHARE_SECTION[section] * 2 ** (Number(size) - power - 1));
    };
}

function pointsProgress(report) {
    const finished = new Set();
    return (message) => {
        const section = /^Writing points end (\w+):/.exec(message)?.[1];
        if (section in SHARE_POINTS) {
            finished.add(section);
            report([...finished].reduce((sum, name) => sum + SHARE_POINTS[name], 0));
        }
    };
}
