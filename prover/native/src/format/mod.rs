//! The iden3 binary container, and the three files of a circuit that use it.

mod cursor;
mod r1cs;
mod sections;
mod wtns;
mod zkey;
mod zkey_write;

pub use cursor::Cursor;
pub use r1cs::{LinearCombination, R1cs};
pub use sections::{SectionWriter, Sections};
pub use wtns::Witness;
pub use zkey::{Coefficient, PointCheck, ZKey};
pub use zkey_write::{Contribution, write_zkey};
