// Development keys: powers of tau and a proving key with one beacon each, so every secret follows from a public seed.
//
// Anybody can forge proofs for such a key. In return the same seeds give the same key on every machine.
// Everything is made in memory and written at the end, so a full disk is an error of one write.

import { writeFileSync } from "node:fs";

import { Refusal, importPackage, serve } from "./protocol.mjs";

const snarkjs = await importPackage("snarkjs");
const NAME = "unsafe development key";
const ITERATIONS = 10; // log2 of how often a seed is hashed: the least that snarkjs takes, as nothing is gained by more

// Shares of the time, measured at 2^11; the sections of preparePhase2 in their order.
const SHARE_BEACON = 0.09;
const SHARE_SECTION = { tauG1: 0.27, tauG2: 0.42, alphaTauG1: 0.11, betaTauG1: 0.11 };
// Of zKey.newZKey, in the order in which it writes its sections.
const SHARE_POINTS = { C: 0.2, A: 0.15, B1: 0.15, B2: 0.5 };

serve({
    async powersOfTau({ power, seed, path }, progress) {
        const logger = loggerOf(tauProgress(power, (done) => progress(done, 1)));
        const curve = await snarkjs.curves.getCurveFromName("bn128");
        const [blank, closed, prepared] = [memory(), memory(), memory()];
        await snarkjs.powersOfTau.newAccumulator(curve, power, blank, logger);
        await snarkjs.powersOfTau.beacon(blank, closed, NAME, seed, ITERATIONS, logger);
        await snarkjs.powersOfTau.preparePhase2(closed, prepared, logger);
        writeFileSync(path, prepared.data);
    },

    async provingKey({ r1cs, ptau, seed, zkey }, progress) {
        const logger = loggerOf(pointsProgress((done) => progress(done, 1)));
        const [initial, closed] = [memory(), memory()];
        if ((await snarkjs.zKey.newZKey(r1cs, ptau, initial, logger)) === -1) {
            throw new Refusal("refused", "snarkjs refuses these powers of tau for this circuit");
        }
        await snarkjs.zKey.beacon(initial, closed, NAME, seed, ITERATIONS);
        writeFileSync(zkey, closed.data);
        return snarkjs.zKey.exportVerificationKey(closed);
    },
});

function memory() {
    return { type: "mem" };
}

function loggerOf(listen) {
    return { debug: listen, info: listen, log: listen, warn: listen, error: listen };
}

/** Reads from snarkjs' messages ("tauG2: fft 9 mix end: 1/2") how far preparePhase2 has come. */
function tauProgress(power, report) {
    let before = SHARE_BEACON;
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
