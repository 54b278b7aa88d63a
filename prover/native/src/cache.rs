//! Tables on disk.
//!
//! The file holds the digest of the key and ends with a digest of itself, so that a stale or damaged file is never used.
//! The digests do not authenticate: with tables of an attacker proofs could reveal the witness. So only the owner may
//! be able to write to the folder, which the Python package checks.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use ark_bn254::Fr;
use ark_ec::CurveGroup;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    format::Cursor,
    kernels::Kernels,
    msm::{FixedBase, Kernel, StoredPoint},
    tables::Tables,
};

const MAGIC: &[u8; 8] = b"zkstable";
const VERSION: u32 = 1;

pub type KeyDigest = [u8; 32];

/// The file of a key's tables for the kernels called `name`.
pub fn table_path(folder: &Path, digest: &KeyDigest, name: &str) -> PathBuf {
    let digest: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    folder.join(format!("{digest}.{name}-tables"))
}

/// The stored tables, or `None` where there are none for exactly this key within `limit` bytes.
pub fn load<K: Kernels>(kernels: K, path: &Path, digest: &KeyDigest, limit: usize) -> Option<Tables<K>> {
    let bytes = fs::read(path).ok()?;
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    if Sha256::digest(body).as_slice() != sum {
        return None;
    }
    let tables = parse(kernels, body, digest).ok()?;
    (tables.bytes() <= limit).then_some(tables)
}

fn parse<K: Kernels>(kernels: K, body: &[u8], digest: &KeyDigest) -> Result<Tables<K>> {
    let mut cursor = Cursor::new("table file", body);
    let head = (cursor.bytes(8, "magic")? == MAGIC, cursor.u32("version")? == VERSION);
    if head != (true, true) || cursor.bytes(32, "digest")? != digest {
        return Err(cursor.error("another key's"));
    }
    let tables = Tables {
        a: read_table(kernels.g1(), &mut cursor)?,
        b1: read_table(kernels.g1(), &mut cursor)?,
        b2: read_table(kernels.g2(), &mut cursor)?,
        c: read_table(kernels.g1(), &mut cursor)?,
    };
    cursor.end("table file")?;
    Ok(tables)
}

fn read_table<G: Kernel>(kernel: G, cursor: &mut Cursor<'_>) -> Result<FixedBase<G>>
where
    G::Curve: CurveGroup<ScalarField = Fr>,
{
    let bits = cursor.u32("window")?;
    let count = cursor.u32("point count")? as usize;
    let size = cursor.u32("table size")? as usize;
    let sources = cursor.bytes(count.saturating_mul(4), "sources")?;
    let sources = sources.chunks_exact(4).map(|b| u32::from_le_bytes(b.try_into().expect("four bytes"))).collect();
    let limbs = cursor.bytes(size.saturating_mul(8 * G::Point::LIMBS), "points")?;
    let mut table = vec![G::Point::default(); size];
    for (point, bytes) in table.iter_mut().zip(limbs.chunks_exact(8 * G::Point::LIMBS)) {
        for (limb, bytes) in point.limbs_mut().iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        }
    }
    FixedBase::from_parts(kernel, bits, sources, table).ok_or_else(|| cursor.error("shape"))
}

/// Stores the tables, for the owner only and all at once.
pub fn store<K: Kernels>(path: &Path, digest: &KeyDigest, tables: &Tables<K>) -> Result<()> {
    let mut out = Vec::with_capacity(tables.bytes() + (1 << 16));
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend(digest);
    write_table(&mut out, &tables.a);
    write_table(&mut out, &tables.b1);
    write_table(&mut out, &tables.b2);
    write_table(&mut out, &tables.c);
    let sum = Sha256::digest(&out);
    out.extend(sum);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let temporary = PathBuf::from(name);
    let written = create_private(&temporary).and_then(|mut file| file.write_all(&out));
    let written = written.and_then(|()| fs::rename(&temporary, path));
    written.map_err(|source| {
        let _ = fs::remove_file(&temporary);
        Error::io(path, source)
    })
}

fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write_table<G: Kernel>(out: &mut Vec<u8>, base: &FixedBase<G>)
where
    G::Curve: CurveGroup<ScalarField = Fr>,
{
    for count in [base.bits() as usize, base.sources().len(), base.table().len()] {
        out.extend((count as u32).to_le_bytes());
    }
    base.sources().iter().for_each(|source| out.extend(source.to_le_bytes()));
    for point in base.table() {
        point.limbs().iter().for_each(|limb| out.extend(limb.to_le_bytes()));
    }
}
