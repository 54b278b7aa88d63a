//! Which processors the lanes run on.

/// Proof that this processor has the features that the functions of [`simd`](super) need.
#[derive(Clone, Copy)]
pub struct Ifma(());

impl Ifma {
    pub fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512ifma")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        found.then_some(Self(()))
    }
}
