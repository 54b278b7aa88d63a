//! Stored tables. The digest at their end, which would refuse all of these, is made right first.
#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use zksolvency_native::{cache, kernels::PortableKernels};

/// In memory, and of this process only.
static PATH: LazyLock<PathBuf> = LazyLock::new(|| PathBuf::from(format!("/dev/shm/fuzz-{}", std::process::id())));

fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    file.extend(Sha256::digest(bytes));
    fs::write(&*PATH, &file).expect("writable");
    let limit = 1 << 20;
    if let Some(tables) = cache::load(PortableKernels, &PATH, &[7; 32], limit) {
        assert!(tables.bytes() <= limit && tables.sources().count() <= bytes.len());
        cache::store(&PATH, &[7; 32], &tables).expect("writable");
        assert_eq!(fs::read(&*PATH).expect("readable"), file);
    }
});
