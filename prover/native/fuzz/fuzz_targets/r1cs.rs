//! Constraints that are accepted name only wires that there are, and take memory in proportion to the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zksolvency_native::format::R1cs;

fuzz_target!(|bytes: &[u8]| {
    let Ok(r1cs) = R1cs::read(bytes) else { return };
    assert!(r1cs.wires <= bytes.len() && r1cs.rows() <= bytes.len());
    assert!(r1cs.public < r1cs.wires);
    let mut terms = r1cs.constraints.iter().flatten().flatten();
    assert!(terms.all(|(wire, _)| (*wire as usize) < r1cs.wires));
});
