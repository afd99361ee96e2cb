//go:build amd64 && !purego

#include "textflag.h"

// Z0-Z7 are the working variables a-h, lane i of each belongs to message i; Z8-Z23 the last sixteen words of the message
// schedule; Z24-Z31 are scratch.

#define O_Rounds 64

DATA flip64<>+0(SB)/8, $0x0001020304050607
DATA flip64<>+8(SB)/8, $0x08090a0b0c0d0e0f
GLOBL flip64<>(SB), RODATA|NOPTR, $16

// TRANSPOSE turns eight rows A of eight words into columns B. It overwrites A.
#define TRANSPOSE(A0, A1, A2, A3, A4, A5, A6, A7, B0, B1, B2, B3, B4, B5, B6, B7) \
	VPUNPCKLQDQ A1, A0, B0        \
	VPUNPCKHQDQ A1, A0, B1        \
	VPUNPCKLQDQ A3, A2, B2        \
	VPUNPCKHQDQ A3, A2, B3        \
	VPUNPCKLQDQ A5, A4, B4        \
	VPUNPCKHQDQ A5, A4, B5        \
	VPUNPCKLQDQ A7, A6, B6        \
	VPUNPCKHQDQ A7, A6, B7        \
	VSHUFI64X2  $0x88, B2, B0, A0 \
	VSHUFI64X2  $0xdd, B2, B0, A1 \
	VSHUFI64X2  $0x88, B6, B4, A2 \
	VSHUFI64X2  $0xdd, B6, B4, A3 \
	VSHUFI64X2  $0x88, B3, B1, A4 \
	VSHUFI64X2  $0xdd, B3, B1, A5 \
	VSHUFI64X2  $0x88, B7, B5, A6 \
	VSHUFI64X2  $0xdd, B7, B5, A7 \
	VSHUFI64X2  $0x88, A2, A0, B0 \
	VSHUFI64X2  $0xdd, A2, A0, B4 \
	VSHUFI64X2  $0x88, A3, A1, B2 \
	VSHUFI64X2  $0xdd, A3, A1, B6 \
	VSHUFI64X2  $0x88, A6, A4, B1 \
	VSHUFI64X2  $0xdd, A6, A4, B5 \
	VSHUFI64X2  $0x88, A7, A5, B3 \
	VSHUFI64X2  $0xdd, A7, A5, B7

#define READ(OFFSET, ROW, MASK, A) \
	VMOVDQU64 OFFSET ROW, A \
	VPSHUFB   MASK, A, A

// LOAD reads 64 bytes of each message as big-endian words.
#define LOAD(OFFSET, B0, B1, B2, B3, B4, B5, B6, B7) \
	VBROADCASTI32X4 flip64<>(SB), B0  \
	READ(OFFSET, (SI), B0, Z24)       \
	READ(OFFSET, (SI)(DX*1), B0, Z25) \
	READ(OFFSET, (SI)(DX*2), B0, Z26) \
	READ(OFFSET, (SI)(R10*1), B0, Z27) \
	READ(OFFSET, (R11), B0, Z28)       \
	READ(OFFSET, (R11)(DX*1), B0, Z29) \
	READ(OFFSET, (R11)(DX*2), B0, Z30) \
	READ(OFFSET, (R11)(R10*1), B0, Z31) \
	TRANSPOSE(Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31, B0, B1, B2, B3, B4, B5, B6, B7)

// MIX is a round; Z24 is the sum of its constant and its word of the schedule.
#define MIX(A, B, C, D, E, F, G, H) \
	VPRORQ     $14, E, Z25         \
	VPRORQ     $18, E, Z26         \
	VPRORQ     $41, E, Z27         \
	VPADDQ     Z24, H, H           \
	VMOVDQA64  E, Z28              \
	VPTERNLOGQ $0x96, Z27, Z26, Z25 \
	VPTERNLOGQ $0xca, G, F, Z28    \
	VPRORQ     $28, A, Z29         \
	VPADDQ     Z25, H, H           \
	VPRORQ     $34, A, Z30         \
	VPRORQ     $39, A, Z31         \
	VPADDQ     Z28, H, H           \
	VMOVDQA64  A, Z24              \
	VPTERNLOGQ $0x96, Z31, Z30, Z29 \
	VPTERNLOGQ $0xe8, C, B, Z24    \
	VPADDQ     H, D, D             \
	VPADDQ     Z29, H, H           \
	VPADDQ     Z24, H, H

#define ROUND(J, W, A, B, C, D, E, F, G, H) \
	VPADDQ.BCST J*8(AX), W, Z24 \
	MIX(A, B, C, D, E, F, G, H)

// FIXED is a round of a block that is the same for all messages.
#define FIXED(J, A, B, C, D, E, F, G, H) \
	VPBROADCASTQ J*8(R9), Z24 \
	MIX(A, B, C, D, E, F, G, H)

// NEXT replaces word W0 of the schedule by the one sixteen rounds later.
#define NEXT(W0, W1, W9, W14) \
	VPRORQ     $1, W1, Z24          \
	VPRORQ     $8, W1, Z25          \
	VPSRLQ     $7, W1, Z26          \
	VPADDQ     W9, W0, W0           \
	VPRORQ     $19, W14, Z27        \
	VPRORQ     $61, W14, Z28        \
	VPSRLQ     $6, W14, Z29         \
	VPTERNLOGQ $0x96, Z26, Z25, Z24 \
	VPTERNLOGQ $0x96, Z29, Z28, Z27 \
	VPADDQ     Z24, W0, W0          \
	VPADDQ     Z27, W0, W0

#define KEEP \
	VMOVDQU64 Z0, 0(DI)   \
	VMOVDQU64 Z1, 64(DI)  \
	VMOVDQU64 Z2, 128(DI) \
	VMOVDQU64 Z3, 192(DI) \
	VMOVDQU64 Z4, 256(DI) \
	VMOVDQU64 Z5, 320(DI) \
	VMOVDQU64 Z6, 384(DI) \
	VMOVDQU64 Z7, 448(DI)

#define ADD_KEPT \
	VPADDQ 0(DI), Z0, Z0   \
	VPADDQ 64(DI), Z1, Z1  \
	VPADDQ 128(DI), Z2, Z2 \
	VPADDQ 192(DI), Z3, Z3 \
	VPADDQ 256(DI), Z4, Z4 \
	VPADDQ 320(DI), Z5, Z5 \
	VPADDQ 384(DI), Z6, Z6 \
	VPADDQ 448(DI), Z7, Z7

#define WRITE(Z, OFFSET) \
	VMOVDQU64 Z, OFFSET(DI)

// func sum512x8(out, in *byte, stride, blocks int, c *wide, last *[80]uint64)
//
// The state between blocks is kept in out.
TEXT ·sum512x8(SB), NOSPLIT, $0-48
	MOVQ out+0(FP), DI
	MOVQ in+8(FP), SI
	MOVQ stride+16(FP), DX
	MOVQ blocks+24(FP), CX
	MOVQ c+32(FP), R8
	MOVQ last+40(FP), R9
	LEAQ (DX)(DX*2), R10
	LEAQ (SI)(DX*4), R11
	VPBROADCASTQ 0(R8), Z0
	VPBROADCASTQ 8(R8), Z1
	VPBROADCASTQ 16(R8), Z2
	VPBROADCASTQ 24(R8), Z3
	VPBROADCASTQ 32(R8), Z4
	VPBROADCASTQ 40(R8), Z5
	VPBROADCASTQ 48(R8), Z6
	VPBROADCASTQ 56(R8), Z7

block:
	KEEP
	LOAD(0, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
	LOAD(64, Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23)
	LEAQ O_Rounds(R8), AX
	MOVQ $4, BX

sixteen:
	ROUND(0, Z8, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	NEXT(Z8, Z9, Z17, Z22)
	ROUND(1, Z9, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	NEXT(Z9, Z10, Z18, Z23)
	ROUND(2, Z10, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5)
	NEXT(Z10, Z11, Z19, Z8)
	ROUND(3, Z11, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4)
	NEXT(Z11, Z12, Z20, Z9)
	ROUND(4, Z12, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3)
	NEXT(Z12, Z13, Z21, Z10)
	ROUND(5, Z13, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2)
	NEXT(Z13, Z14, Z22, Z11)
	ROUND(6, Z14, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1)
	NEXT(Z14, Z15, Z23, Z12)
	ROUND(7, Z15, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)
	NEXT(Z15, Z16, Z8, Z13)
	ROUND(8, Z16, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	NEXT(Z16, Z17, Z9, Z14)
	ROUND(9, Z17, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	NEXT(Z17, Z18, Z10, Z15)
	ROUND(10, Z18, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5)
	NEXT(Z18, Z19, Z11, Z16)
	ROUND(11, Z19, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4)
	NEXT(Z19, Z20, Z12, Z17)
	ROUND(12, Z20, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3)
	NEXT(Z20, Z21, Z13, Z18)
	ROUND(13, Z21, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2)
	NEXT(Z21, Z22, Z14, Z19)
	ROUND(14, Z22, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1)
	NEXT(Z22, Z23, Z15, Z20)
	ROUND(15, Z23, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)
	NEXT(Z23, Z8, Z16, Z21)
	ADDQ $128, AX
	DECQ BX
	JNE  sixteen

	ROUND(0, Z8, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	ROUND(1, Z9, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	ROUND(2, Z10, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5)
	ROUND(3, Z11, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4)
	ROUND(4, Z12, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3)
	ROUND(5, Z13, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2)
	ROUND(6, Z14, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1)
	ROUND(7, Z15, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)
	ROUND(8, Z16, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	ROUND(9, Z17, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	ROUND(10, Z18, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5)
	ROUND(11, Z19, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4)
	ROUND(12, Z20, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3)
	ROUND(13, Z21, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2)
	ROUND(14, Z22, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1)
	ROUND(15, Z23, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)
	ADD_KEPT
	ADDQ $128, SI
	ADDQ $128, R11
	DECQ CX
	JNE  block

	TESTQ R9, R9
	JEQ   write
	KEEP
	MOVQ  $10, BX

eight:
	FIXED(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	FIXED(1, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	FIXED(2, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5)
	FIXED(3, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4)
	FIXED(4, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3)
	FIXED(5, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2)
	FIXED(6, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1)
	FIXED(7, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)
	ADDQ $64, R9
	DECQ BX
	JNE  eight
	ADD_KEPT

write:
	VBROADCASTI32X4 flip64<>(SB), Z8
	VPSHUFB Z8, Z0, Z0
	VPSHUFB Z8, Z1, Z1
	VPSHUFB Z8, Z2, Z2
	VPSHUFB Z8, Z3, Z3
	VPSHUFB Z8, Z4, Z4
	VPSHUFB Z8, Z5, Z5
	VPSHUFB Z8, Z6, Z6
	VPSHUFB Z8, Z7, Z7
	TRANSPOSE(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
	WRITE(Z8, 0)
	WRITE(Z9, 64)
	WRITE(Z10, 128)
	WRITE(Z11, 192)
	WRITE(Z12, 256)
	WRITE(Z13, 320)
	WRITE(Z14, 384)
	WRITE(Z15, 448)
	VZEROUPPER
	RET
