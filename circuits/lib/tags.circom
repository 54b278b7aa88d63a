pragma circom 2.2.3;

// @title Tags
// First input of every tagged Poseidon use: the ASCII text `zksolvency.<use>` as an integer, so that no
// two uses can collide (spec ZS-11, ZS-51).

function TAG_BLIND() { return 0x7a6b736f6c76656e63792e626c696e64; }
function TAG_ID() { return 0x7a6b736f6c76656e63792e6964656e74697479; }
function TAG_OWNER() { return 0x7a6b736f6c76656e63792e6f776e6572; }
function TAG_VIEW() { return 0x7a6b736f6c76656e63792e76696577; }
function TAG_ECDH() { return 0x7a6b736f6c76656e63792e65636468; }
function TAG_STREAM() { return 0x7a6b736f6c76656e63792e73747265616d; }
