"""The WebAssembly module that talks to circom's calculator inside the engine.

circom's interface moves 32 bits a call, and a call from Python costs microseconds: so the shim, linked to the circuit,
makes those calls, and Python makes three a witness.
"""

ENTRY_BYTES = 48
"""An entry of `set_inputs`: hash high, hash low, index, padding, then the value as eight words."""

WIRE_BYTES = 32

SHIM = """
(module
  (import "circuit" "writeSharedRWMemory" (func $write (param i32 i32)))
  (import "circuit" "readSharedRWMemory" (func $read (param i32) (result i32)))
  (import "circuit" "setInputSignal" (func $set (param i32 i32 i32)))
  (import "circuit" "getWitness" (func $get (param i32)))
  (memory (export "memory") 1)
  (func (export "set_inputs") (param $at i32) (param $count i32) (local $j i32)
    (loop $entry
      (if (i32.eqz (local.get $count)) (then (return)))
      (local.set $j (i32.const 0))
      (loop $word
        (call $write (local.get $j)
          (i32.load offset=16 (i32.add (local.get $at) (i32.shl (local.get $j) (i32.const 2)))))
        (br_if $word (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 8))))
      (call $set (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)) (i32.load offset=8 (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 48)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $entry)))
  (func (export "get_witness") (param $at i32) (param $count i32) (local $i i32) (local $j i32)
    (loop $wire
      (if (i32.ge_u (local.get $i) (local.get $count)) (then (return)))
      (call $get (local.get $i))
      (local.set $j (i32.const 0))
      (loop $word
        (i32.store (i32.add (local.get $at) (i32.shl (local.get $j) (i32.const 2))) (call $read (local.get $j)))
        (br_if $word (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 8))))
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $wire))))
"""
