// The warm prover: keeps snarkjs, its curve, and the keys and calculators it has met in memory.

import { readFileSync, statSync } from "node:fs";

import { Refusal, importPackage, serve } from "./protocol.mjs";
import { calculateWitness } from "./witness.mjs";

const snarkjs = await importPackage("snarkjs");
await snarkjs.curves.getCurveFromName("bn128");

const MAX_LOADED = 16;
const loaded = new Map();

/** The content of a file, made by `parse` when it is first met or has changed; the oldest is dropped. */
async function load(path, parse) {
    const { ino, size, mtimeMs } = statSync(path);
    const key = `${path} ${ino} ${size} ${mtimeMs}`;
    if (!loaded.has(key)) {
        if (loaded.size >= MAX_LOADED) {
            loaded.delete(loaded.keys().next().value);
        }
        loaded.set(key, await parse(readFileSync(path)));
    }
    return loaded.get(key);
}

const loadBytes = (path) => load(path, (bytes) => new Uint8Array(bytes));
const loadCalculator = (path) => load(path, (bytes) => WebAssembly.compile(bytes));
const memory = (data) => ({ type: "mem", data });

async function calculate({ wasm, inputs }) {
    return calculateWitness(await loadCalculator(wasm), inputs);
}

async function makeProof(zkey, witness) {
    return snarkjs.groth16.prove(memory(zkey), memory(witness));
}

serve({
    async witness(request) {
        return Buffer.from(await calculate(request)).toString("base64");
    },

    async prove(request) {
        return makeProof(await loadBytes(request.zkey), await calculate(request));
    },

    // A witness from outside may break constraints, or not have 1 as its first value: then the proof is invalid.
    async proveWitness({ zkey, key, witness }) {
        const [zkeyBytes, verificationKey] = [await loadBytes(zkey), await load(key, (bytes) => JSON.parse(bytes))];
        let made;
        try {
            made = await makeProof(zkeyBytes, new Uint8Array(Buffer.from(witness, "base64")));
        } catch {
            throw new Refusal("assert", "the witness is malformed, or belongs to another circuit");
        }
        if (!(await snarkjs.groth16.verify(verificationKey, made.publicSignals, made.proof))) {
            throw new Refusal("assert", "the witness does not satisfy the constraints");
        }
        return made;
    },

    async verify({ key, signals, proof }) {
        return snarkjs.groth16.verify(key, signals, proof);
    },
});
