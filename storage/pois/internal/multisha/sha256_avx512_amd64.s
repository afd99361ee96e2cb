//go:build amd64 && !purego

#include "textflag.h"

// Z0-Z7 are the working variables a-h, lane i of each belongs to message i; Z8-Z23 the last sixteen words of the message
// schedule; Z24-Z31 are scratch.

#define N_Rounds  32
#define N_Padding 288

DATA flip32<>+0(SB)/8, $0x0405060700010203
DATA flip32<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL flip32<>(SB), RODATA|NOPTR, $16

#define READ(OFFSET, A) \
	VMOVDQU64 OFFSET(SI), A \
	VPSHUFB   Z0, A, A

// PAIR interleaves the words of two rows.
#define PAIR(A0, A1, LOW, HIGH) \
	VPUNPCKLDQ A1, A0, LOW \
	VPUNPCKHDQ A1, A0, HIGH

// QUAD interleaves two pairs: four columns of every 128 bits.
#define QUAD(LOW0, HIGH0, LOW1, HIGH1, C0, C1, C2, C3) \
	VPUNPCKLQDQ LOW1, LOW0, C0   \
	VPUNPCKHQDQ LOW1, LOW0, C1   \
	VPUNPCKLQDQ HIGH1, HIGH0, C2 \
	VPUNPCKHQDQ HIGH1, HIGH0, C3

// TURN transposes four rows of four parts of 128 bits, in place.
#define TURN(A0, A1, A2, A3, T0, T1, T2, T3) \
	VSHUFI64X2 $0x88, A1, A0, T0 \
	VSHUFI64X2 $0xdd, A1, A0, T1 \
	VSHUFI64X2 $0x88, A3, A2, T2 \
	VSHUFI64X2 $0xdd, A3, A2, T3 \
	VSHUFI64X2 $0x88, T2, T0, A0 \
	VSHUFI64X2 $0x88, T3, T1, A1 \
	VSHUFI64X2 $0xdd, T2, T0, A2 \
	VSHUFI64X2 $0xdd, T3, T1, A3

// MIX is a round; Z24 is the sum of its constant and its word of the schedule.
#define MIX(A, B, C, D, E, F, G, H) \
	VPRORD     $6, E, Z25          \
	VPRORD     $11, E, Z26         \
	VPRORD     $25, E, Z27         \
	VPADDD     Z24, H, H           \
	VMOVDQA64  E, Z28              \
	VPTERNLOGD $0x96, Z27, Z26, Z25 \
	VPTERNLOGD $0xca, G, F, Z28    \
	VPRORD     $2, A, Z29          \
	VPADDD     Z25, H, H           \
	VPRORD     $13, A, Z30         \
	VPRORD     $22, A, Z31         \
	VPADDD     Z28, H, H           \
	VMOVDQA64  A, Z24              \
	VPTERNLOGD $0x96, Z31, Z30, Z29 \
	VPTERNLOGD $0xe8, C, B, Z24    \
	VPADDD     H, D, D             \
	VPADDD     Z29, H, H           \
	VPADDD     Z24, H, H

#define ROUND(J, W, A, B, C, D, E, F, G, H) \
	VPADDD.BCST J*4(AX), W, Z24 \
	MIX(A, B, C, D, E, F, G, H)

// FIXED is a round of the block of padding.
#define FIXED(J, A, B, C, D, E, F, G, H) \
	VPBROADCASTD J*4(AX), Z24 \
	MIX(A, B, C, D, E, F, G, H)

// NEXT replaces word W0 of the schedule by the one sixteen rounds later.
#define NEXT(W0, W1, W9, W14) \
	VPRORD     $7, W1, Z24          \
	VPRORD     $18, W1, Z25         \
	VPSRLD     $3, W1, Z26          \
	VPADDD     W9, W0, W0           \
	VPRORD     $17, W14, Z27        \
	VPRORD     $19, W14, Z28        \
	VPSRLD     $10, W14, Z29        \
	VPTERNLOGD $0x96, Z26, Z25, Z24 \
	VPTERNLOGD $0x96, Z29, Z28, Z27 \
	VPADDD     Z24, W0, W0          \
	VPADDD     Z27, W0, W0

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
	VPADDD 0(DI), Z0, Z0   \
	VPADDD 64(DI), Z1, Z1  \
	VPADDD 128(DI), Z2, Z2 \
	VPADDD 192(DI), Z3, Z3 \
	VPADDD 256(DI), Z4, Z4 \
	VPADDD 320(DI), Z5, Z5 \
	VPADDD 384(DI), Z6, Z6 \
	VPADDD 448(DI), Z7, Z7

#define ADD_INITIAL \
	VPADDD.BCST 0(R8), Z0, Z0  \
	VPADDD.BCST 4(R8), Z1, Z1  \
	VPADDD.BCST 8(R8), Z2, Z2  \
	VPADDD.BCST 12(R8), Z3, Z3 \
	VPADDD.BCST 16(R8), Z4, Z4 \
	VPADDD.BCST 20(R8), Z5, Z5 \
	VPADDD.BCST 24(R8), Z6, Z6 \
	VPADDD.BCST 28(R8), Z7, Z7

// func sum256x16(out, in *byte, groups int, c *narrow)
//
// All of a group is read before its part of out is used, first for the state between the two blocks.
TEXT ·sum256x16(SB), NOSPLIT, $0-32
	MOVQ out+0(FP), DI
	MOVQ in+8(FP), SI
	MOVQ groups+16(FP), CX
	MOVQ c+24(FP), R8

group:
	VBROADCASTI32X4 flip32<>(SB), Z0
	READ(0, Z8)
	READ(64, Z9)
	READ(128, Z10)
	READ(192, Z11)
	READ(256, Z12)
	READ(320, Z13)
	READ(384, Z14)
	READ(448, Z15)
	READ(512, Z16)
	READ(576, Z17)
	READ(640, Z18)
	READ(704, Z19)
	READ(768, Z20)
	READ(832, Z21)
	READ(896, Z22)
	READ(960, Z23)
	PAIR(Z8, Z9, Z0, Z1)
	PAIR(Z10, Z11, Z2, Z3)
	PAIR(Z12, Z13, Z4, Z5)
	PAIR(Z14, Z15, Z6, Z7)
	PAIR(Z16, Z17, Z24, Z25)
	PAIR(Z18, Z19, Z26, Z27)
	PAIR(Z20, Z21, Z28, Z29)
	PAIR(Z22, Z23, Z30, Z31)
	QUAD(Z0, Z1, Z2, Z3, Z8, Z9, Z10, Z11)
	QUAD(Z4, Z5, Z6, Z7, Z12, Z13, Z14, Z15)
	QUAD(Z24, Z25, Z26, Z27, Z16, Z17, Z18, Z19)
	QUAD(Z28, Z29, Z30, Z31, Z20, Z21, Z22, Z23)
	TURN(Z8, Z12, Z16, Z20, Z0, Z1, Z2, Z3)
	TURN(Z9, Z13, Z17, Z21, Z4, Z5, Z6, Z7)
	TURN(Z10, Z14, Z18, Z22, Z24, Z25, Z26, Z27)
	TURN(Z11, Z15, Z19, Z23, Z28, Z29, Z30, Z31)

	VPBROADCASTD 0(R8), Z0
	VPBROADCASTD 4(R8), Z1
	VPBROADCASTD 8(R8), Z2
	VPBROADCASTD 12(R8), Z3
	VPBROADCASTD 16(R8), Z4
	VPBROADCASTD 20(R8), Z5
	VPBROADCASTD 24(R8), Z6
	VPBROADCASTD 28(R8), Z7
	LEAQ N_Rounds(R8), AX
	MOVQ $3, BX

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
	ADDQ $64, AX
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
	ADD_INITIAL
	KEEP
	LEAQ N_Padding(R8), AX
	MOVQ $8, BX

eight:
	FIXED(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	FIXED(1, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	FIXED(2, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5)
	FIXED(3, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4)
	FIXED(4, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3)
	FIXED(5, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2)
	FIXED(6, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1)
	FIXED(7, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)
	ADDQ $32, AX
	DECQ BX
	JNE  eight
	ADD_KEPT

	// Eight words of sixteen messages become sixteen rows of 32 bytes.
	VBROADCASTI32X4 flip32<>(SB), Z8
	VPSHUFB Z8, Z0, Z0
	VPSHUFB Z8, Z1, Z1
	VPSHUFB Z8, Z2, Z2
	VPSHUFB Z8, Z3, Z3
	VPSHUFB Z8, Z4, Z4
	VPSHUFB Z8, Z5, Z5
	VPSHUFB Z8, Z6, Z6
	VPSHUFB Z8, Z7, Z7
	PAIR(Z0, Z1, Z8, Z9)
	PAIR(Z2, Z3, Z10, Z11)
	PAIR(Z4, Z5, Z12, Z13)
	PAIR(Z6, Z7, Z14, Z15)
	QUAD(Z8, Z9, Z10, Z11, Z0, Z1, Z2, Z3)
	QUAD(Z12, Z13, Z14, Z15, Z4, Z5, Z6, Z7)
	TURN(Z0, Z4, Z1, Z5, Z8, Z9, Z10, Z11)
	TURN(Z2, Z6, Z3, Z7, Z12, Z13, Z14, Z15)
	VMOVDQU64 Z0, 0(DI)
	VMOVDQU64 Z2, 64(DI)
	VMOVDQU64 Z4, 128(DI)
	VMOVDQU64 Z6, 192(DI)
	VMOVDQU64 Z1, 256(DI)
	VMOVDQU64 Z3, 320(DI)
	VMOVDQU64 Z5, 384(DI)
	VMOVDQU64 Z7, 448(DI)
	ADDQ $1024, SI
	ADDQ $512, DI
	DECQ CX
	JNE  group
	VZEROUPPER
	RET
