//go:build amd64 && !purego

#include "textflag.h"

// Y0-Y7 are the working variables a-h, lane i of each belongs to message i; the last sixteen words of the message
// schedule are on the stack, 32 bytes each; Y8-Y15 are scratch.

#define O_Rounds 64

DATA flip64y<>+0(SB)/8, $0x0001020304050607
DATA flip64y<>+8(SB)/8, $0x08090a0b0c0d0e0f
GLOBL flip64y<>(SB), RODATA|NOPTR, $16

// TRANSPOSE turns four rows A of four words into columns B.
#define TRANSPOSE(A0, A1, A2, A3, B0, B1, B2, B3) \
	VPUNPCKLQDQ A1, A0, B0       \
	VPUNPCKHQDQ A1, A0, B1       \
	VPUNPCKLQDQ A3, A2, B2       \
	VPUNPCKHQDQ A3, A2, B3       \
	VPERM2I128  $0x20, B2, B0, A0 \
	VPERM2I128  $0x20, B3, B1, A1 \
	VPERM2I128  $0x31, B2, B0, A2 \
	VPERM2I128  $0x31, B3, B1, A3

// LOAD reads 32 bytes of each message as words J to J+3 of the schedule.
#define LOAD(J) \
	VBROADCASTI128 flip64y<>(SB), Y15 \
	VMOVDQU J*8(SI), Y8               \
	VMOVDQU J*8(SI)(DX*1), Y9         \
	VMOVDQU J*8(SI)(DX*2), Y10        \
	VMOVDQU J*8(SI)(R10*1), Y11       \
	VPSHUFB Y15, Y8, Y8               \
	VPSHUFB Y15, Y9, Y9               \
	VPSHUFB Y15, Y10, Y10             \
	VPSHUFB Y15, Y11, Y11             \
	TRANSPOSE(Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15) \
	VMOVDQU Y8, (J*32+0)(SP)            \
	VMOVDQU Y9, (J*32+32)(SP)           \
	VMOVDQU Y10, (J*32+64)(SP)          \
	VMOVDQU Y11, (J*32+96)(SP)

// ROTATE3 sets SUM to X rotated right by R1, R2 and R3, added bit by bit; L is 64 - R.
#define ROTATE3(X, R1, L1, R2, L2, R3, L3, SUM, T) \
	VPSRLQ $R1, X, SUM  \
	VPSLLQ $L1, X, T    \
	VPXOR  T, SUM, SUM  \
	VPSRLQ $R2, X, T    \
	VPXOR  T, SUM, SUM  \
	VPSLLQ $L2, X, T    \
	VPXOR  T, SUM, SUM  \
	VPSRLQ $R3, X, T    \
	VPXOR  T, SUM, SUM  \
	VPSLLQ $L3, X, T    \
	VPXOR  T, SUM, SUM

// ROTATE2 is the same with two rotations and a shift by S.
#define ROTATE2(X, R1, L1, R2, L2, S, SUM, T) \
	VPSRLQ $R1, X, SUM  \
	VPSLLQ $L1, X, T    \
	VPXOR  T, SUM, SUM  \
	VPSRLQ $R2, X, T    \
	VPXOR  T, SUM, SUM  \
	VPSLLQ $L2, X, T    \
	VPXOR  T, SUM, SUM  \
	VPSRLQ $S, X, T     \
	VPXOR  T, SUM, SUM

// MIX is a round; Y8 is the sum of its constant and its word of the schedule.
#define MIX(A, B, C, D, E, F, G, H) \
	VPADDQ Y8, H, H       \
	ROTATE3(E, 14, 50, 18, 46, 41, 23, Y9, Y10) \
	VPXOR  F, G, Y11      \
	VPAND  E, Y11, Y11    \
	VPXOR  G, Y11, Y11    \
	VPADDQ Y9, H, H       \
	VPADDQ Y11, H, H      \
	VPADDQ H, D, D        \
	ROTATE3(A, 28, 36, 34, 30, 39, 25, Y12, Y13) \
	VPXOR  A, B, Y14      \
	VPXOR  B, C, Y15      \
	VPAND  Y15, Y14, Y14  \
	VPXOR  B, Y14, Y14    \
	VPADDQ Y12, H, H      \
	VPADDQ Y14, H, H

#define ROUND(J, A, B, C, D, E, F, G, H) \
	VPBROADCASTQ J*8(AX), Y8      \
	VPADDQ       (J*32)(SP), Y8, Y8 \
	MIX(A, B, C, D, E, F, G, H)

// FIXED is a round of a block that is the same for all messages.
#define FIXED(J, A, B, C, D, E, F, G, H) \
	VPBROADCASTQ J*8(R9), Y8 \
	MIX(A, B, C, D, E, F, G, H)

// NEXT replaces word J0 of the schedule by the one sixteen rounds later.
#define NEXT(J0, J1, J9, J14) \
	VMOVDQU (J1*32)(SP), Y9   \
	VMOVDQU (J14*32)(SP), Y10 \
	ROTATE2(Y9, 1, 63, 8, 56, 7, Y11, Y12)   \
	ROTATE2(Y10, 19, 45, 61, 3, 6, Y13, Y14) \
	VPADDQ  (J0*32)(SP), Y11, Y11 \
	VPADDQ  (J9*32)(SP), Y13, Y13 \
	VPADDQ  Y11, Y13, Y13         \
	VMOVDQU Y13, (J0*32)(SP)

#define KEEP \
	VMOVDQU Y0, 0(DI)   \
	VMOVDQU Y1, 32(DI)  \
	VMOVDQU Y2, 64(DI)  \
	VMOVDQU Y3, 96(DI)  \
	VMOVDQU Y4, 128(DI) \
	VMOVDQU Y5, 160(DI) \
	VMOVDQU Y6, 192(DI) \
	VMOVDQU Y7, 224(DI)

#define ADD_KEPT \
	VPADDQ 0(DI), Y0, Y0   \
	VPADDQ 32(DI), Y1, Y1  \
	VPADDQ 64(DI), Y2, Y2  \
	VPADDQ 96(DI), Y3, Y3  \
	VPADDQ 128(DI), Y4, Y4 \
	VPADDQ 160(DI), Y5, Y5 \
	VPADDQ 192(DI), Y6, Y6 \
	VPADDQ 224(DI), Y7, Y7

#define SIXTEEN(R) \
	R(0, Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)  \
	R(1, Y7, Y0, Y1, Y2, Y3, Y4, Y5, Y6)  \
	R(2, Y6, Y7, Y0, Y1, Y2, Y3, Y4, Y5)  \
	R(3, Y5, Y6, Y7, Y0, Y1, Y2, Y3, Y4)  \
	R(4, Y4, Y5, Y6, Y7, Y0, Y1, Y2, Y3)  \
	R(5, Y3, Y4, Y5, Y6, Y7, Y0, Y1, Y2)  \
	R(6, Y2, Y3, Y4, Y5, Y6, Y7, Y0, Y1)  \
	R(7, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y0)  \
	R(8, Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)  \
	R(9, Y7, Y0, Y1, Y2, Y3, Y4, Y5, Y6)  \
	R(10, Y6, Y7, Y0, Y1, Y2, Y3, Y4, Y5) \
	R(11, Y5, Y6, Y7, Y0, Y1, Y2, Y3, Y4) \
	R(12, Y4, Y5, Y6, Y7, Y0, Y1, Y2, Y3) \
	R(13, Y3, Y4, Y5, Y6, Y7, Y0, Y1, Y2) \
	R(14, Y2, Y3, Y4, Y5, Y6, Y7, Y0, Y1) \
	R(15, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y0)

// func sum512x4(out, in *byte, stride, blocks int, c *wide, last *[80]uint64)
//
// The state between blocks is kept in out.
TEXT ·sum512x4(SB), NOSPLIT, $512-48
	MOVQ out+0(FP), DI
	MOVQ in+8(FP), SI
	MOVQ stride+16(FP), DX
	MOVQ blocks+24(FP), CX
	MOVQ c+32(FP), R8
	MOVQ last+40(FP), R9
	LEAQ (DX)(DX*2), R10
	VPBROADCASTQ 0(R8), Y0
	VPBROADCASTQ 8(R8), Y1
	VPBROADCASTQ 16(R8), Y2
	VPBROADCASTQ 24(R8), Y3
	VPBROADCASTQ 32(R8), Y4
	VPBROADCASTQ 40(R8), Y5
	VPBROADCASTQ 48(R8), Y6
	VPBROADCASTQ 56(R8), Y7

block:
	KEEP
	LOAD(0)
	LOAD(4)
	LOAD(8)
	LOAD(12)
	LEAQ O_Rounds(R8), AX
	MOVQ $4, BX

sixteen:
	SIXTEEN(ROUND)
	NEXT(0, 1, 9, 14)
	NEXT(1, 2, 10, 15)
	NEXT(2, 3, 11, 0)
	NEXT(3, 4, 12, 1)
	NEXT(4, 5, 13, 2)
	NEXT(5, 6, 14, 3)
	NEXT(6, 7, 15, 4)
	NEXT(7, 8, 0, 5)
	NEXT(8, 9, 1, 6)
	NEXT(9, 10, 2, 7)
	NEXT(10, 11, 3, 8)
	NEXT(11, 12, 4, 9)
	NEXT(12, 13, 5, 10)
	NEXT(13, 14, 6, 11)
	NEXT(14, 15, 7, 12)
	NEXT(15, 0, 8, 13)
	ADDQ $128, AX
	DECQ BX
	JNE  sixteen

	SIXTEEN(ROUND)
	ADD_KEPT
	ADDQ $128, SI
	DECQ CX
	JNE  block

	TESTQ R9, R9
	JEQ   write
	KEEP
	MOVQ  $5, BX

fixed:
	SIXTEEN(FIXED)
	ADDQ $128, R9
	DECQ BX
	JNE  fixed
	ADD_KEPT

write:
	VBROADCASTI128 flip64y<>(SB), Y8
	VPSHUFB Y8, Y0, Y0
	VPSHUFB Y8, Y1, Y1
	VPSHUFB Y8, Y2, Y2
	VPSHUFB Y8, Y3, Y3
	VPSHUFB Y8, Y4, Y4
	VPSHUFB Y8, Y5, Y5
	VPSHUFB Y8, Y6, Y6
	VPSHUFB Y8, Y7, Y7
	TRANSPOSE(Y0, Y1, Y2, Y3, Y8, Y9, Y10, Y11)
	TRANSPOSE(Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11)
	VMOVDQU Y0, 0(DI)
	VMOVDQU Y4, 32(DI)
	VMOVDQU Y1, 64(DI)
	VMOVDQU Y5, 96(DI)
	VMOVDQU Y2, 128(DI)
	VMOVDQU Y6, 160(DI)
	VMOVDQU Y3, 192(DI)
	VMOVDQU Y7, 224(DI)
	VZEROUPPER
	RET
