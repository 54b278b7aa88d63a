pragma circom 2.2.3;

// @title FreeInverse
// @notice MISTAKE: without `debt * isDebtFree === 0` the inverse, and with it the answer, is anything.
// @input debt
// @output isDebtFree  1 when debt = 0, else 0
template FreeInverse() {
    signal input debt;
    signal output isDebtFree;

    signal inverse;
    inverse <-- debt != 0 ? 1 / debt : 0;
    isDebtFree <== 1 - debt * inverse;
}
