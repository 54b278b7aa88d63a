//! The Python module `zksolvency_native._native`.

use std::path::PathBuf;

use ark_bn254::Fr;
use pyo3::{
    create_exception,
    exceptions::{PyException, PyOSError},
    prelude::*,
    types::{PyBytes, PyDict, PyList},
};
use zksolvency_native::{
    error::Error,
    format::{R1cs, Witness},
    opening::{Records, Word, opener},
    poseidon,
    proof::{Proof, g1_strings, g2_strings, parse_g1, parse_g2, parse_scalar},
    session::{Options, Session},
    setup,
    verify::Verifier,
};

create_exception!(_native, NativeError, PyException, "Base of the errors of the native core.");
create_exception!(_native, InputError, NativeError, "A file, value or range is wrong.");
create_exception!(_native, ProvingError, NativeError, "The witness does not satisfy the circuit.");
create_exception!(_native, VerificationError, NativeError, "Refused; args are the reason code and the message.");

/// An error of the module: converted from one of the core, or a Python exception already.
struct ModuleError(PyErr);

impl From<Error> for ModuleError {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        Self(match error {
            Error::Io { .. } | Error::Randomness => PyOSError::new_err(message),
            Error::Format { .. } | Error::Input(_) => InputError::new_err(message),
            Error::Unsatisfied(_) => ProvingError::new_err(message),
            Error::Rejected { reason, what } => VerificationError::new_err((reason, what)),
        })
    }
}

impl From<PyErr> for ModuleError {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl From<ModuleError> for PyErr {
    fn from(ModuleError(error): ModuleError) -> Self {
        error
    }
}

type Result<T> = std::result::Result<T, ModuleError>;

/// One proof in snarkjs' form.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct SnarkjsProof {
    pi_a: Vec<String>,
    pi_b: Vec<Vec<String>>,
    pi_c: Vec<String>,
}

/// A verification key in snarkjs' form.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct SnarkjsVerifyingKey {
    vk_alpha_1: Vec<String>,
    vk_beta_2: Vec<Vec<String>>,
    vk_gamma_2: Vec<Vec<String>>,
    vk_delta_2: Vec<Vec<String>>,
    #[pyo3(item("IC"))]
    ic: Vec<Vec<String>>,
}

fn malformed_point(field: &str) -> Error {
    Error::rejected("malformed", format!("{field}: not a point in affine form"))
}

fn g1(text: &[String], field: &str) -> zksolvency_native::error::Result<ark_bn254::G1Affine> {
    match text {
        [x, y, z] if z == "1" => parse_g1([x, y], field),
        _ => Err(malformed_point(field)),
    }
}

fn g2(text: &[Vec<String>], field: &str) -> zksolvency_native::error::Result<ark_bn254::G2Affine> {
    match text {
        [x, y, z] if x.len() == 2 && y.len() == 2 && *z == ["1", "0"] => {
            parse_g2([[&x[0], &x[1]], [&y[0], &y[1]]], field)
        }
        _ => Err(malformed_point(field)),
    }
}

impl SnarkjsProof {
    fn parse(&self) -> zksolvency_native::error::Result<Proof> {
        Ok(Proof { a: g1(&self.pi_a, "pi_a")?, b: g2(&self.pi_b, "pi_b")?, c: g1(&self.pi_c, "pi_c")? })
    }
}

fn signals(texts: &[String]) -> zksolvency_native::error::Result<Vec<Fr>> {
    texts.iter().enumerate().map(|(i, text)| parse_scalar(text, &format!("public signal {i}"))).collect()
}

/// snarkjs' form of a proof, and its public signals.
fn proof_dict<'py>(py: Python<'py>, proof: &Proof, signals: &[Fr]) -> Result<(Bound<'py, PyDict>, Bound<'py, PyList>)> {
    let point = |point| {
        let [x, y] = g1_strings(point);
        [x, y, "1".into()]
    };
    let [x, y] = g2_strings(&proof.b);
    let dict = PyDict::new(py);
    dict.set_item("pi_a", point(&proof.a))?;
    dict.set_item("pi_b", [x, y, ["1".into(), "0".into()]])?;
    dict.set_item("pi_c", point(&proof.c))?;
    dict.set_item("protocol", "groth16")?;
    dict.set_item("curve", "bn128")?;
    Ok((dict, PyList::new(py, signals.iter().map(Fr::to_string))?))
}

/// A proving key, opened: tables built or read, arithmetic chosen. Thread-safe; survives a fork.
#[pyclass(frozen, module = "zksolvency_native._native")]
struct Core {
    session: Session,
    threads: usize,
}

#[pymethods]
impl Core {
    #[new]
    #[pyo3(signature = (zkey_path, *, r1cs_path=None, threads=None, table_memory_limit=1 << 28, cache_folder=None, portable=false))]
    fn new(
        py: Python<'_>,
        zkey_path: PathBuf,
        r1cs_path: Option<PathBuf>,
        threads: Option<usize>,
        table_memory_limit: usize,
        cache_folder: Option<PathBuf>,
        portable: bool,
    ) -> Result<Self> {
        let threads = thread_count(threads)?;
        let options =
            Options { r1cs: r1cs_path.as_deref(), table_memory_limit, cache: cache_folder.as_deref(), portable };
        let session = py.detach(|| Session::open(&zkey_path, &options))?;
        Ok(Self { session, threads })
    }

    /// Proves a `.wtns` file's content, or bare wires of 32 little-endian bytes.
    #[pyo3(signature = (witness, *, threads=None))]
    fn prove_witness<'py>(
        &self,
        py: Python<'py>,
        witness: &[u8],
        threads: Option<usize>,
    ) -> Result<(Bound<'py, PyDict>, Bound<'py, PyList>)> {
        let threads = threads.unwrap_or(self.threads).clamp(1, self.threads);
        let read = if witness.starts_with(b"wtns") { Witness::read } else { Witness::from_values };
        let witness = read(witness)?;
        let (proof, signals) = py.detach(|| self.session.prove(&witness, threads))?;
        proof_dict(py, &proof, &signals)
    }

    /// Verifies against the key itself.
    fn verify(&self, py: Python<'_>, proof: SnarkjsProof, public_signals: Vec<String>) -> Result<()> {
        let (proof, signals) = (proof.parse()?, signals(&public_signals)?);
        Ok(py.detach(|| self.session.verifier().verify(&proof, &signals))?)
    }

    #[getter]
    fn table_bytes(&self) -> usize {
        self.session.table_bytes()
    }

    #[getter]
    fn arithmetic(&self) -> &'static str {
        self.session.arithmetic()
    }

    #[getter]
    fn threads(&self) -> usize {
        self.threads
    }
}

/// A verification key with the work done that depends on it alone.
#[pyclass(frozen, module = "zksolvency_native._native")]
struct NativeVerifier {
    verifier: Verifier,
}

#[pymethods]
impl NativeVerifier {
    #[new]
    fn new(py: Python<'_>, verification_key: SnarkjsVerifyingKey) -> Result<Self> {
        let key = verification_key;
        // A point at infinity, which g1 refuses, would leave its public signal unbound.
        let ic = key.ic.iter().map(|point| g1(point, "IC")).collect::<zksolvency_native::error::Result<Vec<_>>>()?;
        let (alpha, beta) = (g1(&key.vk_alpha_1, "vk_alpha_1")?, g2(&key.vk_beta_2, "vk_beta_2")?);
        let (gamma, delta) = (g2(&key.vk_gamma_2, "vk_gamma_2")?, g2(&key.vk_delta_2, "vk_delta_2")?);
        let verifier = py.detach(|| Verifier::new(alpha, beta, gamma, delta, ic))?;
        Ok(Self { verifier })
    }

    /// Returns only if the proof is valid.
    fn verify(&self, py: Python<'_>, proof: SnarkjsProof, public_signals: Vec<String>) -> Result<()> {
        let (proof, signals) = (proof.parse()?, signals(&public_signals)?);
        Ok(py.detach(|| self.verifier.verify(&proof, &signals))?)
    }

    /// Returns only if every proof is valid.
    fn verify_batch(&self, py: Python<'_>, proofs: Vec<(SnarkjsProof, Vec<String>)>) -> Result<()> {
        let parse = |(proof, texts): &(SnarkjsProof, Vec<String>)| Ok((proof.parse()?, signals(texts)?));
        let proofs = proofs.iter().map(parse).collect::<zksolvency_native::error::Result<Vec<_>>>()?;
        Ok(py.detach(|| self.verifier.verify_batch(&proofs))?)
    }
}

/// Permutes every state of `width` elements that `states` holds, as circomlib's Poseidon does.
///
/// Elements are 32 little-endian bytes and below r.
#[pyfunction]
fn poseidon_permutation<'py>(py: Python<'py>, states: &[u8], width: usize) -> Result<Bound<'py, PyBytes>> {
    let permuted = py.detach(|| poseidon::permute(states, width))?;
    Ok(PyBytes::new(py, &permuted))
}

/// The keys of accounts that named one guardian.
///
/// An owner is three words: x and y of its point, and its tag. A record is two: the viewing key and the identity.
/// Words are 32 little-endian bytes. The second result has a byte an account: 0, or why it has a record of zeros.
#[pyfunction]
#[pyo3(signature = (guardian_secret, domain, owners, *, threads=None, portable=false))]
fn viewing_keys<'py>(
    py: Python<'py>,
    guardian_secret: &[u8],
    domain: &[u8],
    owners: &[u8],
    threads: Option<usize>,
    portable: bool,
) -> Result<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let (secret, domain) = (word(guardian_secret, "guardian secret")?, word(domain, "domain")?);
    let opened = py.detach(|| opener(thread_count(threads)?, portable).viewing_keys(secret, domain, owners))?;
    Ok(records(py, &opened))
}

/// Opens states of n assets and compares them with their commitments.
///
/// A sealed state is the words viewing key, identity, commitment, rho and those of the ciphertext. A record is n
/// balances of 16 bytes in two's complement, then the words quote, salt and blind. The rest is as for `viewing_keys`.
#[pyfunction]
#[pyo3(signature = (n, sealed, *, threads=None, portable=false))]
fn unseal_states<'py>(
    py: Python<'py>,
    n: usize,
    sealed: &[u8],
    threads: Option<usize>,
    portable: bool,
) -> Result<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let opened = py.detach(|| opener(thread_count(threads)?, portable).unseal(n, sealed))?;
    Ok(records(py, &opened))
}

fn word<'a>(bytes: &'a [u8], what: &str) -> zksolvency_native::error::Result<&'a Word> {
    bytes.try_into().map_err(|_| Error::Input(format!("{what}: not 32 bytes")))
}

fn records<'py>(py: Python<'py>, opened: &Records) -> (Bound<'py, PyBytes>, Bound<'py, PyBytes>) {
    (PyBytes::new(py, &opened.records), PyBytes::new(py, &opened.faults))
}

/// All cores unless a number of threads is given.
fn thread_count(threads: Option<usize>) -> zksolvency_native::error::Result<usize> {
    match threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)) {
        0 => Err(Error::Input("threads: at least one".into())),
        threads => Ok(threads),
    }
}

/// Writes a development proving key, and returns its verification key as JSON text.
#[pyfunction]
fn unsafe_development_key(py: Python<'_>, r1cs_path: PathBuf, zkey_path: PathBuf) -> Result<String> {
    let key = py.detach(|| {
        let bytes = std::fs::read(&r1cs_path).map_err(|source| Error::io(&r1cs_path, source))?;
        let key = setup::unsafe_development_key(&R1cs::read(&bytes)?)?;
        std::fs::write(&zkey_path, &key.zkey).map_err(|source| Error::io(&zkey_path, source))?;
        Ok::<_, Error>(key)
    })?;
    Ok(key.verification_key)
}

// clippy sees the wrapper that the macro makes under another name.
#[allow(clippy::unsafe_removed_from_name)]
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add_class::<Core>()?;
    module.add_class::<NativeVerifier>()?;
    module.add_function(wrap_pyfunction!(poseidon_permutation, module)?)?;
    module.add_function(wrap_pyfunction!(viewing_keys, module)?)?;
    module.add_function(wrap_pyfunction!(unseal_states, module)?)?;
    module.add_function(wrap_pyfunction!(unsafe_development_key, module)?)?;
    module.add("NativeError", py.get_type::<NativeError>())?;
    module.add("InputError", py.get_type::<InputError>())?;
    module.add("ProvingError", py.get_type::<ProvingError>())?;
    module.add("VerificationError", py.get_type::<VerificationError>())?;
    Ok(())
}
