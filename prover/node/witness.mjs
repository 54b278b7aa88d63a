// Runs a circuit's witness calculator, and turns its complaints into words that hold no input.

import { Refusal, importPackage } from "./protocol.mjs";

const { WitnessCalculatorBuilder } = await importPackage("circom_runtime");

// exceptionHandler's codes, from circom's own witness_calculator.js
const SIGNAL_NOT_FOUND = 1;
const ASSERT_FAILED = 4;

// What circom_runtime says of the shape of the inputs: names and counts only.
const INPUT_COMPLAINT =
    /^(Signal \w+ not found|(Not enough|Too many) values for input signal \w+|Not all inputs have been set\. Only \d+ out of \d+)/;

/**
 * Calculates a witness in a fresh instance, so that no value outlives its request in the module's memory.
 *
 * @param {WebAssembly.Module} module  the circuit's calculator
 * @param {Object<string, string|string[]>} inputs  decimal strings
 * @returns {Promise<Uint8Array>} a .wtns file
 */
export async function calculateWitness(module, inputs) {
    let failure = null;
    let trace = "";
    const instance = await WebAssembly.instantiate(module, {
        runtime: {
            exceptionHandler(code) {
                failure = code;
                throw new Error("circuit");
            },
            printErrorMessage() {
                trace += readMessage(instance) + "\n";
            },
            writeBufferMessage() {},
            showSharedRWMemory() {},
        },
    });
    const calculator = await WitnessCalculatorBuilder(instance);
    try {
        return await calculator.calculateWTNSBin(inputs);
    } catch (error) {
        throw explain(failure, trace, error);
    }
}

function explain(code, trace, error) {
    if (code === ASSERT_FAILED) {
        return new Refusal("assert", describeTrace(trace));
    }
    if (code === SIGNAL_NOT_FOUND) {
        return new Refusal("inputs", "an input is not a signal of the circuit");
    }
    if (code !== null) {
        return new Refusal("inputs", `the witness calculator stopped with code ${code}`);
    }
    const complaint = INPUT_COMPLAINT.exec(error?.message ?? "");
    return complaint ? new Refusal("inputs", complaint[0]) : error;
}

/** "template Num2Bits line 38, in SignedBits line 27, in Margin line 44", innermost first. */
function describeTrace(trace) {
    const frames = [...trace.matchAll(/Error in template (\w+?)(?:_\d+)? line: (\d+)/g)];
    return "template " + frames.map(([, template, line]) => `${template} line ${line}`).join(", in ");
}

function readMessage(instance) {
    let message = "";
    for (let code = instance.exports.getMessageChar(); code !== 0; code = instance.exports.getMessageChar()) {
        message += String.fromCharCode(code);
    }
    return message;
}
