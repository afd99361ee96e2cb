//go:build amd64 && !purego

#include "textflag.h"

// Places of the labels in a message, and its length.
#define AT_PARENTS   52
#define AT_ELDERS    116
#define AT_NEIGHBOUR 180
#define MESSAGE      256

// ENTRIES is the size of the 256 entries that one byte of a digest selects from.
#define ENTRIES 16384

// INDEX turns byte J of the digest at SI + BX into the offset of its entry.
#define INDEX(J, R) \
	MOVBQZX J(SI)(BX*1), R \
	SHLQ    $6, R

#define ARGUMENTS \
	MOVQ messages+0(FP), DI   \
	MOVQ digests+8(FP), SI    \
	MOVQ prev+32(FP), R8      \
	MOVQ elders+40(FP), R14   \
	MOVQ neighbour+48(FP), CX

// func gather512(messages, digests *byte, table *Table, d int, prev, elders, neighbour *byte)
TEXT ·gather512(SB), NOSPLIT, $0-56
	ARGUMENTS
	MOVQ $8, DX

lane:
	VMOVDQU64 (R8), Z0
	VPXORQ    Z1, Z1, Z1
	VPXORQ    Z2, Z2, Z2
	VPXORQ    Z3, Z3, Z3
	MOVQ      table+16(FP), R9
	MOVQ      d+24(FP), R13
	XORQ      BX, BX
	SUBQ      $4, R13
	JLT       rest

four:
	INDEX(0, AX)
	INDEX(1, R10)
	INDEX(2, R11)
	INDEX(3, R12)
	VPXORQ (R9)(AX*1), Z0, Z0
	VPXORQ ENTRIES(R9)(R10*1), Z1, Z1
	VPXORQ 2*ENTRIES(R9)(R11*1), Z2, Z2
	VPXORQ 3*ENTRIES(R9)(R12*1), Z3, Z3
	ADDQ   $(4*ENTRIES), R9
	ADDQ   $4, BX
	CMPQ   BX, R13
	JLE    four

rest:
	ADDQ $4, R13

one:
	CMPQ   BX, R13
	JGE    store
	INDEX(0, AX)
	VPXORQ (R9)(AX*1), Z0, Z0
	ADDQ   $ENTRIES, R9
	INCQ   BX
	JMP    one

store:
	VPXORQ     Z1, Z0, Z0
	VPTERNLOGQ $0x96, Z3, Z2, Z0
	VMOVDQU64  Z0, AT_PARENTS(DI)
	VMOVDQU64  (CX), Z1
	VMOVDQU64  Z1, AT_NEIGHBOUR(DI)
	TESTQ      R14, R14
	JEQ        next
	VMOVDQU64  (R14), Z2
	VMOVDQU64  Z2, AT_ELDERS(DI)
	ADDQ       $64, R14

next:
	ADDQ $64, R8
	ADDQ $64, CX
	ADDQ $64, SI
	ADDQ $MESSAGE, DI
	DECQ DX
	JNE  lane
	VZEROUPPER
	RET

// func gather256(messages, digests *byte, table *Table, d int, prev, elders, neighbour *byte)
TEXT ·gather256(SB), NOSPLIT, $0-56
	ARGUMENTS
	MOVQ $8, DX

lane:
	VMOVDQU (R8), Y0
	VMOVDQU 32(R8), Y1
	VPXOR   Y2, Y2, Y2
	VPXOR   Y3, Y3, Y3
	MOVQ    table+16(FP), R9
	MOVQ    d+24(FP), R13
	XORQ    BX, BX
	SUBQ    $2, R13
	JLT     rest

two:
	INDEX(0, AX)
	INDEX(1, R10)
	VPXOR (R9)(AX*1), Y0, Y0
	VPXOR 32(R9)(AX*1), Y1, Y1
	VPXOR ENTRIES(R9)(R10*1), Y2, Y2
	VPXOR (ENTRIES+32)(R9)(R10*1), Y3, Y3
	ADDQ  $(2*ENTRIES), R9
	ADDQ  $2, BX
	CMPQ  BX, R13
	JLE   two

rest:
	ADDQ  $2, R13
	CMPQ  BX, R13
	JGE   store
	INDEX(0, AX)
	VPXOR (R9)(AX*1), Y0, Y0
	VPXOR 32(R9)(AX*1), Y1, Y1

store:
	VPXOR   Y2, Y0, Y0
	VPXOR   Y3, Y1, Y1
	VMOVDQU Y0, AT_PARENTS(DI)
	VMOVDQU Y1, (AT_PARENTS+32)(DI)
	VMOVDQU (CX), Y2
	VMOVDQU 32(CX), Y3
	VMOVDQU Y2, AT_NEIGHBOUR(DI)
	VMOVDQU Y3, (AT_NEIGHBOUR+32)(DI)
	TESTQ   R14, R14
	JEQ     next
	VMOVDQU (R14), Y4
	VMOVDQU 32(R14), Y5
	VMOVDQU Y4, AT_ELDERS(DI)
	VMOVDQU Y5, (AT_ELDERS+32)(DI)
	ADDQ    $64, R14

next:
	ADDQ $64, R8
	ADDQ $64, CX
	ADDQ $64, SI
	ADDQ $MESSAGE, DI
	DECQ DX
	JNE  lane
	VZEROUPPER
	RET
