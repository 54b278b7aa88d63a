// Writes tests/vectors/seed.json: the derivation of ZS-13 by Node's own HKDF, and text by its own base32 and CRC-32.
import { hkdfSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";

const L = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;

const uint = (value, bytes) => Buffer.from(value.toString(16).padStart(2 * bytes, "0"), "hex");

function ownerSecret(seed, chainId, contract, index) {
  const info = Buffer.concat([Buffer.from("owner"), uint(chainId, 8), uint(contract, 20), uint(index, 4)]);
  const okm = Buffer.from(hkdfSync("sha512", seed, "zksolvency/seed/1", info, 64));
  return 1n + (BigInt("0x" + okm.toString("hex")) % (L - 1n));
}

function text(seed) {
  const prefix = "zksseed1";
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(Buffer.concat([Buffer.from(prefix), seed])));
  const bits = [...Buffer.concat([seed, checksum])].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const digits = bits.match(/.{1,5}/g).map((five) => "abcdefghijklmnopqrstuvwxyz234567"[parseInt(five.padEnd(5, "0"), 2)]);
  return prefix + digits.join("");
}

const book = BigInt("0x610178da211fef7d417bc0e6fed39f05609ad788");
const seeds = [Buffer.from(Array.from({ length: 32 }, (_, i) => i)), Buffer.alloc(32), Buffer.alloc(32, 255)];
const places = [
  [31337n, book, 0n],
  [31337n, book, 1n],
  [1n, book, 0n],
  [31337n, book + 1n, 0n],
  [0n, 0n, 0n],
  [2n ** 64n - 1n, 2n ** 160n - 1n, 2n ** 32n - 1n],
];
const rows = seeds.map((seed) => ({
  seed: seed.toString("hex"),
  text: text(seed),
  accounts: places.map(([chainId, contract, index]) => ({
    chain_id: chainId.toString(),
    contract: "0x" + contract.toString(16).padStart(40, "0"),
    index: index.toString(),
    owner_secret: ownerSecret(seed, chainId, contract, index).toString(),
  })),
}));
writeFileSync("tests/vectors/seed.json", JSON.stringify(rows, null, 1) + "\n");
