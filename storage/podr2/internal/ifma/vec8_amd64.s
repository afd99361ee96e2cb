//go:build amd64 && !purego

#include "textflag.h"

// Registers of all functions: Z0-Z7 the accumulator or result, Z8-Z15 the first factor, Z16 a limb of the second factor,
// Z17 the quotient digit, Z18 -1/p, Z19 the mask of a limb, Z20-Z27 the modulus.

#define P_Inverse 64
#define P_SixP    72
#define P_EightP  136
#define P_FourP   200
#define P_TwoP    264
#define P_Above4  328
#define P_Above2  336

#define LIMB_MASK \
	VPTERNLOGD $0xff, Z19, Z19, Z19 \
	VPSRLQ     $12, Z19, Z19

#define MODULUS(M) \
	LIMB_MASK                         \
	VPBROADCASTQ P_Inverse(M), Z18    \
	VPBROADCASTQ 0(M), Z20            \
	VPBROADCASTQ 8(M), Z21            \
	VPBROADCASTQ 16(M), Z22           \
	VPBROADCASTQ 24(M), Z23           \
	VPBROADCASTQ 32(M), Z24           \
	VPBROADCASTQ 40(M), Z25           \
	VPBROADCASTQ 48(M), Z26           \
	VPBROADCASTQ 56(M), Z27

#define CLEAR8 \
	VPXORQ Z0, Z0, Z0 \
	VPXORQ Z1, Z1, Z1 \
	VPXORQ Z2, Z2, Z2 \
	VPXORQ Z3, Z3, Z3 \
	VPXORQ Z4, Z4, Z4 \
	VPXORQ Z5, Z5, Z5 \
	VPXORQ Z6, Z6, Z6 \
	VPXORQ Z7, Z7, Z7

// ROUND adds x·B for one limb B of the second factor, adds the multiple of the modulus that clears the lowest limb, and
// shifts down by one limb: T0 leaves at the bottom and comes back, cleared, at the top.
#define ROUND(B, T0, T1, T2, T3, T4, T5, T6, T7) \
	VPMADD52LUQ Z8, B, T0     \
	VPXORQ      Z17, Z17, Z17 \
	VPMADD52LUQ Z9, B, T1     \
	VPMADD52LUQ Z18, T0, Z17  \
	VPMADD52LUQ Z10, B, T2    \
	VPMADD52LUQ Z11, B, T3    \
	VPMADD52LUQ Z12, B, T4    \
	VPMADD52LUQ Z13, B, T5    \
	VPMADD52LUQ Z14, B, T6    \
	VPMADD52LUQ Z15, B, T7    \
	VPMADD52LUQ Z20, Z17, T0  \
	VPMADD52HUQ Z8, B, T1     \
	VPMADD52HUQ Z9, B, T2     \
	VPMADD52HUQ Z10, B, T3    \
	VPSRLQ      $52, T0, T0   \
	VPMADD52LUQ Z21, Z17, T1  \
	VPADDQ      T0, T1, T1    \
	VPXORQ      T0, T0, T0    \
	VPMADD52HUQ Z11, B, T4    \
	VPMADD52HUQ Z12, B, T5    \
	VPMADD52HUQ Z13, B, T6    \
	VPMADD52HUQ Z14, B, T7    \
	VPMADD52HUQ Z15, B, T0    \
	VPMADD52HUQ Z20, Z17, T1  \
	VPMADD52LUQ Z22, Z17, T2  \
	VPMADD52LUQ Z23, Z17, T3  \
	VPMADD52LUQ Z24, Z17, T4  \
	VPMADD52LUQ Z25, Z17, T5  \
	VPMADD52LUQ Z26, Z17, T6  \
	VPMADD52LUQ Z27, Z17, T7  \
	VPMADD52HUQ Z21, Z17, T2  \
	VPMADD52HUQ Z22, Z17, T3  \
	VPMADD52HUQ Z23, Z17, T4  \
	VPMADD52HUQ Z24, Z17, T5  \
	VPMADD52HUQ Z25, Z17, T6  \
	VPMADD52HUQ Z26, Z17, T7  \
	VPMADD52HUQ Z27, Z17, T0

// CARRY moves what exceeds 52 bits of a limb to the next; SHIFT is logical or arithmetic.
#define CARRY(SHIFT, A, B) \
	SHIFT  $52, A, Z16 \
	VPANDQ Z19, A, A   \
	VPADDQ Z16, B, B

#define NORMALIZE(SHIFT) \
	CARRY(SHIFT, Z0, Z1) \
	CARRY(SHIFT, Z1, Z2) \
	CARRY(SHIFT, Z2, Z3) \
	CARRY(SHIFT, Z3, Z4) \
	CARRY(SHIFT, Z4, Z5) \
	CARRY(SHIFT, Z5, Z6) \
	CARRY(SHIFT, Z6, Z7)

#define LOAD(SRC, A, B, C, D, E, F, G, H) \
	VMOVDQU64 0(SRC), A   \
	VMOVDQU64 64(SRC), B  \
	VMOVDQU64 128(SRC), C \
	VMOVDQU64 192(SRC), D \
	VMOVDQU64 256(SRC), E \
	VMOVDQU64 320(SRC), F \
	VMOVDQU64 384(SRC), G \
	VMOVDQU64 448(SRC), H

#define STORE(DST) \
	VMOVDQU64 Z0, 0(DST)   \
	VMOVDQU64 Z1, 64(DST)  \
	VMOVDQU64 Z2, 128(DST) \
	VMOVDQU64 Z3, 192(DST) \
	VMOVDQU64 Z4, 256(DST) \
	VMOVDQU64 Z5, 320(DST) \
	VMOVDQU64 Z6, 384(DST) \
	VMOVDQU64 Z7, 448(DST)

// EACH applies OP to the result and the vector at SRC.
#define EACH(OP, SRC) \
	OP 0(SRC), Z0, Z0   \
	OP 64(SRC), Z1, Z1  \
	OP 128(SRC), Z2, Z2 \
	OP 192(SRC), Z3, Z3 \
	OP 256(SRC), Z4, Z4 \
	OP 320(SRC), Z5, Z5 \
	OP 384(SRC), Z6, Z6 \
	OP 448(SRC), Z7, Z7

// ADD_CONSTANT adds the eight limbs at M+AT to all lanes.
#define ADD_CONSTANT(M, AT) \
	VPADDQ.BCST AT+0(M), Z0, Z0  \
	VPADDQ.BCST AT+8(M), Z1, Z1  \
	VPADDQ.BCST AT+16(M), Z2, Z2 \
	VPADDQ.BCST AT+24(M), Z3, Z3 \
	VPADDQ.BCST AT+32(M), Z4, Z4 \
	VPADDQ.BCST AT+40(M), Z5, Z5 \
	VPADDQ.BCST AT+48(M), Z6, Z6 \
	VPADDQ.BCST AT+56(M), Z7, Z7

// SUB_IF_ABOVE subtracts the eight limbs at M+AT in the lanes whose top limb exceeds the number at M+BOUND.
#define SUB_IF_ABOVE(M, BOUND, AT) \
	VPBROADCASTQ BOUND(M), Z16           \
	VPCMPGTQ     Z16, Z7, K1             \
	VPSUBQ.BCST  AT+0(M), Z0, K1, Z0     \
	VPSUBQ.BCST  AT+8(M), Z1, K1, Z1     \
	VPSUBQ.BCST  AT+16(M), Z2, K1, Z2    \
	VPSUBQ.BCST  AT+24(M), Z3, K1, Z3    \
	VPSUBQ.BCST  AT+32(M), Z4, K1, Z4    \
	VPSUBQ.BCST  AT+40(M), Z5, K1, Z5    \
	VPSUBQ.BCST  AT+48(M), Z6, K1, Z6    \
	VPSUBQ.BCST  AT+56(M), Z7, K1, Z7

// func Mul8(z, x, y *Vec8, m *Modulus8)
TEXT ·Mul8(SB), NOSPLIT, $0-32
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ m+24(FP), CX
	MODULUS(CX)
	LOAD(SI, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
	CLEAR8
	VMOVDQU64 0(DX), Z16
	VMOVDQU64 64(DX), Z28
	VMOVDQU64 128(DX), Z29
	VMOVDQU64 192(DX), Z30
	VMOVDQU64 256(DX), Z31
	ROUND(Z16, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	VMOVDQU64 320(DX), Z16
	ROUND(Z28, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)
	VMOVDQU64 384(DX), Z28
	ROUND(Z29, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1)
	VMOVDQU64 448(DX), Z29
	ROUND(Z30, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2)
	ROUND(Z31, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3)
	ROUND(Z16, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4)
	ROUND(Z28, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5)
	ROUND(Z29, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	NORMALIZE(VPSRLQ)
	STORE(DI)
	VZEROUPPER
	RET

// func Square8(z, x *Vec8, m *Modulus8, n int)
TEXT ·Square8(SB), NOSPLIT, $0-32
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ m+16(FP), CX
	MOVQ n+24(FP), BX
	MODULUS(CX)
	LOAD(SI, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)

next:
	CLEAR8
	ROUND(Z8, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	ROUND(Z9, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)
	ROUND(Z10, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1)
	ROUND(Z11, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2)
	ROUND(Z12, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3)
	ROUND(Z13, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4)
	ROUND(Z14, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5)
	ROUND(Z15, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	NORMALIZE(VPSRLQ)
	VMOVDQA64 Z0, Z8
	VMOVDQA64 Z1, Z9
	VMOVDQA64 Z2, Z10
	VMOVDQA64 Z3, Z11
	VMOVDQA64 Z4, Z12
	VMOVDQA64 Z5, Z13
	VMOVDQA64 Z6, Z14
	VMOVDQA64 Z7, Z15
	DECQ BX
	JG   next
	STORE(DI)
	VZEROUPPER
	RET

// func Add8(z, x, y *Vec8)
TEXT ·Add8(SB), NOSPLIT, $0-24
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	LIMB_MASK
	LOAD(SI, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	EACH(VPADDQ, DX)
	NORMALIZE(VPSRLQ)
	STORE(DI)
	VZEROUPPER
	RET

// func Sub8(z, x, y *Vec8, m *Modulus8)
TEXT ·Sub8(SB), NOSPLIT, $0-32
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ m+24(FP), CX
	LIMB_MASK
	LOAD(SI, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	EACH(VPSUBQ, DX)
	ADD_CONSTANT(CX, P_EightP)
	NORMALIZE(VPSRAQ)
	STORE(DI)
	VZEROUPPER
	RET

// func SubReduce8(z, x, a, b *Vec8, m *Modulus8)
TEXT ·SubReduce8(SB), NOSPLIT, $0-40
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ a+16(FP), DX
	MOVQ b+24(FP), BX
	MOVQ m+32(FP), CX
	LIMB_MASK
	LOAD(SI, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	EACH(VPSUBQ, DX)
	EACH(VPSUBQ, BX)
	ADD_CONSTANT(CX, P_SixP)
	SUB_IF_ABOVE(CX, P_Above4, P_FourP)
	SUB_IF_ABOVE(CX, P_Above2, P_TwoP)
	NORMALIZE(VPSRAQ)
	STORE(DI)
	VZEROUPPER
	RET
