//! One error type for the crate. No variant ever carries a witness value, r or s.

use std::{fmt, io, path::PathBuf};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug)]
pub enum Error {
    /// A file cannot be read or written.
    Io { path: PathBuf, source: io::Error },
    /// A file or buffer is not what its format says; `what` names the field.
    Format { kind: &'static str, what: String },
    /// An argument is outside its range.
    Input(String),
    /// The witness does not satisfy the circuit.
    Unsatisfied(String),
    /// A proof is refused; `reason` is a kebab-case code.
    Rejected { reason: &'static str, what: String },
    /// The operating system gave no randomness.
    Randomness,
}

impl Error {
    pub fn format(kind: &'static str, what: impl Into<String>) -> Self {
        Self::Format { kind, what: what.into() }
    }

    pub fn rejected(reason: &'static str, what: impl Into<String>) -> Self {
        Self::Rejected { reason, what: what.into() }
    }

    pub fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Format { kind, what } => write!(f, "malformed {kind}: {what}"),
            Self::Input(what) => f.write_str(what),
            Self::Unsatisfied(what) => write!(f, "the witness does not satisfy the circuit: {what}"),
            Self::Rejected { reason, what } => write!(f, "{reason}: {what}"),
            Self::Randomness => f.write_str("the operating system gave no randomness"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
