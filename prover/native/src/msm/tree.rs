//! Sums of groups of points, all groups at once, by rounds of pairwise additions.

use ark_ec::CurveGroup;

use super::kernel::{ARENA, Kernel, NEGATIVE, Workspace};

/// The sum of each group of referenced table points, infinity for an empty group.
///
/// Args:
///   refs: references into `table`, group after group; overwritten.
///   ends: where each group ends in `refs`.
pub fn sum_groups<K: Kernel>(
    kernel: K,
    table: &[K::Point],
    refs: &mut Vec<u32>,
    ends: &mut [u32],
    workspace: &mut Workspace<K>,
) -> Vec<K::Point> {
    workspace.arena.clear();
    loop {
        pair_up(refs, ends, workspace);
        if workspace.pairs.is_empty() {
            break;
        }
        kernel.add_pairs(table, &mut workspace.arena, &workspace.pairs, &mut workspace.scratch);
    }
    let mut start = 0;
    ends.iter()
        .map(|&end| {
            let group = &refs[start as usize..end as usize];
            start = end;
            match group {
                [] => K::Point::default(),
                [reference] => single(kernel, table, workspace, *reference),
                _ => unreachable!("rounds end when no group has two points"),
            }
        })
        .collect()
}

/// Pairs up the members of each group, and replaces each pair by a reference to its sum, which the arena will hold. The
/// result overwrites the front of `refs`, which has been read by then.
fn pair_up<K: Kernel>(refs: &mut Vec<u32>, ends: &mut [u32], workspace: &mut Workspace<K>) {
    workspace.pairs.clear();
    workspace.pairs.reserve(refs.len() / 2);
    let mut sum = ARENA | workspace.arena.len() as u32;
    let (mut read, mut written) = (0, 0);
    for end in ends.iter_mut() {
        let stop = *end as usize;
        while read + 1 < stop {
            workspace.pairs.push([refs[read], refs[read + 1]]);
            refs[written] = sum;
            (read, written, sum) = (read + 2, written + 1, sum + 1);
        }
        if read < stop {
            refs[written] = refs[read];
            (read, written) = (read + 1, written + 1);
        }
        *end = written as u32;
    }
    refs.truncate(written);
}

fn single<K: Kernel>(kernel: K, table: &[K::Point], workspace: &Workspace<K>, reference: u32) -> K::Point {
    let index = (reference & !(NEGATIVE | ARENA)) as usize;
    let point = if reference & ARENA == 0 { table[index] } else { workspace.arena[index] };
    if reference & NEGATIVE == 0 {
        return point;
    }
    let sum: K::Curve = kernel.unpack(&point).into();
    kernel.pack(&(-sum).into_affine())
}
