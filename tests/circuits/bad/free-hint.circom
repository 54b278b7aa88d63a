pragma circom 2.2.3;

// @title FreeHint
// @notice MISTAKE: margin is assigned with `<--` and nothing pins it.
// @input size
// @input price
// @output margin  size * price
// @output fee  size * price^2
template FreeHint() {
    signal input size;
    signal input price;
    signal output margin;
    signal output fee;

    signal squared <== price * price;

    margin <-- size * price;
    fee <== squared * size;
}
