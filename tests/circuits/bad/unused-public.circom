pragma circom 2.2.3;

// @title UnusedPublic
// @notice MISTAKE: no constraint uses recipient, so an attacker can replace it.
// @input recipient
// @input secret
// @output image  secret^2
template UnusedPublic() {
    signal input recipient;
    signal input secret;
    signal output image;

    image <== secret * secret;
}
