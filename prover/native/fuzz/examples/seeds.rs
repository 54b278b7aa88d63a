//! `seeds FOLDER`: a first input for each target, from a circuit of two constraints.

use std::{env, fs, path::PathBuf};

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{Field, PrimeField};
use zksolvency_native::{
    bases::Bases,
    cache,
    format::{R1cs, SectionWriter, PointCheck, ZKey},
    kernels::PortableKernels,
    proof::{g1_strings, g2_strings},
    setup::unsafe_development_key,
    tables::Tables,
};

fn main() {
    let folder = PathBuf::from(env::args().nth(1).expect("a folder"));
    let seed = |target: &str, content: &[u8]| {
        fs::create_dir_all(folder.join(target)).unwrap();
        fs::write(folder.join(target).join("seed"), content).unwrap();
    };
    let file = r1cs();
    let key = unsafe_development_key(&R1cs::read(&file).unwrap()).unwrap().zkey;
    seed("r1cs", &file);
    seed("zkey", &key);
    seed("wtns", &wtns());
    let key = ZKey::read(&key, PointCheck::Full).unwrap();
    let path = folder.join("tables").join("seed");
    seed("tables", &[]);
    let tables = Tables::new(PortableKernels, &Bases::new(&key), [15; 4]);
    cache::store(&path, &[7; 32], &tables).unwrap();
    let stored = fs::read(&path).unwrap();
    seed("tables", &stored[..stored.len() - 32]);
    let g2 = g2_strings(&G2Affine::generator()).concat().join("\n");
    seed("points", format!("{}\n{g2}", g1_strings(&G1Affine::generator()).join("\n")).as_bytes());
    fs::write(folder.join("points").join("g2"), g2).unwrap();
}

/// Public x and private y, z with y y = z and z y = x.
fn r1cs() -> Vec<u8> {
    let mut header = prime();
    for count in [4u32, 0, 1, 2] {
        header.extend(count.to_le_bytes());
    }
    header.extend(4u64.to_le_bytes());
    header.extend(2u32.to_le_bytes());
    let one = |wire: u32| {
        let mut form = 1u32.to_le_bytes().to_vec();
        form.extend(wire.to_le_bytes());
        form.extend(element(Fr::ONE));
        form
    };
    let rows = [2, 2, 3, 3, 2, 1].map(one).concat();
    let labels: Vec<u8> = (0..4u64).flat_map(u64::to_le_bytes).collect();
    let mut out = SectionWriter::new(b"r1cs", 1, 3);
    out.section(1, &header);
    out.section(2, &rows);
    out.section(3, &labels);
    out.finish()
}

fn wtns() -> Vec<u8> {
    let mut header = prime();
    header.extend(4u32.to_le_bytes());
    let mut out = SectionWriter::new(b"wtns", 2, 2);
    out.section(1, &header);
    out.section(2, &[1u64, 27, 3, 9].map(|value| element(Fr::from(value))).concat());
    out.finish()
}

fn prime() -> Vec<u8> {
    let mut out = 32u32.to_le_bytes().to_vec();
    Fr::MODULUS.0.iter().for_each(|limb| out.extend(limb.to_le_bytes()));
    out
}

fn element(value: Fr) -> Vec<u8> {
    value.into_bigint().0.into_iter().flat_map(u64::to_le_bytes).collect()
}
