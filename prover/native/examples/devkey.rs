//! `devkey R1CS ZKEY VK`: a development key, for trying things out.

use std::{env, fs, time::Instant};

use zksolvency_native::{format::R1cs, setup::unsafe_development_key};

fn main() {
    let args: Vec<String> = env::args().collect();
    let start = Instant::now();
    let key = unsafe_development_key(&R1cs::read(&fs::read(&args[1]).unwrap()).unwrap()).unwrap();
    fs::write(&args[2], key.zkey).unwrap();
    fs::write(&args[3], key.verification_key).unwrap();
    println!("{:?}", start.elapsed());
}
