//! The container: magic, version, then numbered sections, each once, filling the file exactly.

use std::collections::BTreeMap;

use crate::error::Result;

use super::cursor::Cursor;

/// No format has more than a dozen.
const MAX_SECTIONS: u32 = 64;

pub struct Sections<'a> {
    kind: &'static str,
    found: BTreeMap<u32, &'a [u8]>,
}

impl<'a> Sections<'a> {
    /// Splits `bytes` into sections.
    pub fn read(kind: &'static str, magic: &[u8; 4], max_version: u32, bytes: &'a [u8]) -> Result<Self> {
        let mut cursor = Cursor::new(kind, bytes);
        if cursor.bytes(4, "magic")? != magic {
            return Err(cursor.error("magic: not this kind of file"));
        }
        let version = cursor.u32("version")?;
        if version == 0 || version > max_version {
            return Err(cursor.error(format!("version: {version} is not supported")));
        }
        let count = cursor.u32("section count")?;
        if count > MAX_SECTIONS {
            return Err(cursor.error(format!("section count: {count}, at most {MAX_SECTIONS} are understood")));
        }
        let mut found: BTreeMap<u32, &[u8]> = BTreeMap::new();
        for _ in 0..count {
            let id = cursor.u32("section number")?;
            let size = cursor.u64("section size")?;
            let field = format!("section {id}");
            let size = usize::try_from(size).map_err(|_| cursor.error(format!("{field}: too large")))?;
            if found.insert(id, cursor.bytes(size, &field)?).is_some() {
                return Err(cursor.error(format!("{field}: occurs twice")));
            }
        }
        cursor.end("end of file")?;
        Ok(Self { kind, found })
    }

    pub fn get(&self, id: u32) -> Result<Cursor<'a>> {
        match self.found.get(&id) {
            Some(bytes) => Ok(Cursor::new(self.kind, bytes)),
            None => Err(Cursor::new(self.kind, &[]).error(format!("section {id}: missing"))),
        }
    }

    /// The section, which must hold exactly `count` elements of `element` bytes.
    pub fn sized(&self, id: u32, count: usize, element: usize, field: &str) -> Result<Cursor<'a>> {
        let cursor = self.get(id)?;
        let expected = count.checked_mul(element);
        if expected != Some(cursor.remaining()) {
            let size = cursor.remaining();
            return Err(cursor.error(format!("{field}: section of {size} bytes, {count} x {element} expected")));
        }
        Ok(cursor)
    }
}

/// Builds a container in memory.
pub struct SectionWriter {
    bytes: Vec<u8>,
}

impl SectionWriter {
    pub fn new(magic: &[u8; 4], version: u32, sections: u32) -> Self {
        let mut bytes = magic.to_vec();
        bytes.extend(version.to_le_bytes());
        bytes.extend(sections.to_le_bytes());
        Self { bytes }
    }

    pub fn section(&mut self, id: u32, body: &[u8]) {
        self.bytes.extend(id.to_le_bytes());
        self.bytes.extend((body.len() as u64).to_le_bytes());
        self.bytes.extend(body);
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
