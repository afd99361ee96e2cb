//go:build amd64 && !purego

#include "textflag.h"

#define LIMB_MASK \
	VPTERNLOGD $0xff, Z25, Z25, Z25 \
	VPSRLQ     $12, Z25, Z25

// STEP adds the products at limb J, at offset AX + OFFSET, and stores the sum one limb down. XP and MP are the limbs of
// x and of the modulus below, XC and MC receive those at J. Z22 is the limb of y, Z23 the quotient digit.
#define STEP(OFFSET, XP, XC, MP, MC, T) \
	VMOVDQU64   OFFSET(SI)(AX*1), XC     \
	VMOVDQU64   OFFSET(R8)(AX*1), T      \
	VMOVDQU64   OFFSET(CX)(AX*1), MC     \
	VPMADD52HUQ XP, Z22, T               \
	VPMADD52LUQ XC, Z22, T               \
	VPMADD52HUQ MP, Z23, T               \
	VPMADD52LUQ MC, Z23, T               \
	VMOVDQU64   T, (OFFSET-64)(R8)(AX*1)

// func mulN(z, x, y, m *Limb, inverse *Limb, sum *Limb, n int)
TEXT ·mulN(SB), NOSPLIT, $0-56
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ m+24(FP), CX
	MOVQ inverse+32(FP), AX
	MOVQ sum+40(FP), R8
	MOVQ n+48(FP), R9
	VMOVDQU64 (AX), Z24
	LIMB_MASK
	MOVQ R9, R10
	SHLQ $6, R10           // bytes of a number
	VPXORQ Z4, Z4, Z4
	XORQ AX, AX

clear:
	VMOVDQU64 Z4, (R8)(AX*1)
	ADDQ $64, AX
	CMPQ AX, R10
	JLT  clear
	MOVQ R9, BX

round:
	VMOVDQU64   (DX), Z22
	ADDQ        $64, DX
	VMOVDQU64   (SI), Z0
	VMOVDQU64   (CX), Z8
	VMOVDQU64   (R8), Z4
	VPXORQ      Z23, Z23, Z23
	VPMADD52LUQ Z0, Z22, Z4
	VPMADD52LUQ Z24, Z4, Z23
	VPMADD52LUQ Z8, Z23, Z4
	VPSRLQ      $52, Z4, Z4
	VPADDQ      64(R8), Z4, Z4
	VMOVDQU64   Z4, 64(R8)
	MOVQ        $64, AX

three:
	STEP(0, Z0, Z1, Z8, Z9, Z5)
	STEP(64, Z1, Z2, Z9, Z10, Z6)
	STEP(128, Z2, Z0, Z10, Z8, Z7)
	ADDQ $192, AX
	CMPQ AX, R10
	JLT  three

	VPXORQ      Z5, Z5, Z5
	VPMADD52HUQ Z0, Z22, Z5
	VPMADD52HUQ Z8, Z23, Z5
	VMOVDQU64   Z5, -64(R8)(AX*1)
	DECQ BX
	JNE  round

	VPXORQ Z4, Z4, Z4
	XORQ   AX, AX

carry:
	VPADDQ    (R8)(AX*1), Z4, Z4
	VPANDQ    Z25, Z4, Z5
	VPSRLQ    $52, Z4, Z4
	VMOVDQU64 Z5, (DI)(AX*1)
	ADDQ $64, AX
	CMPQ AX, R10
	JLT  carry
	VZEROUPPER
	RET

// ROUND adds x·b for limb I of y, adds the multiple of the modulus that clears the lowest limb, and shifts down by one
// limb: T0 leaves at the bottom and comes back at the top. x is in Z11-Z21.
#define ROUND(I, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10) \
	VMOVDQU64   I*64(DX), Z22        \
	VPXORQ      Z23, Z23, Z23        \
	VPMADD52LUQ Z11, Z22, T0         \
	VPMADD52LUQ Z12, Z22, T1         \
	VPMADD52LUQ Z13, Z22, T2         \
	VPMADD52LUQ Z24, T0, Z23         \
	VPMADD52LUQ Z14, Z22, T3         \
	VPMADD52LUQ Z15, Z22, T4         \
	VPMADD52LUQ Z16, Z22, T5         \
	VPMADD52LUQ Z17, Z22, T6         \
	VPMADD52LUQ 0(CX), Z23, T0       \
	VPMADD52LUQ Z18, Z22, T7         \
	VPMADD52LUQ Z19, Z22, T8         \
	VPMADD52LUQ Z20, Z22, T9         \
	VPMADD52LUQ Z21, Z22, T10        \
	VPSRLQ      $52, T0, T0          \
	VPMADD52LUQ 1*64(CX), Z23, T1    \
	VPADDQ      T0, T1, T1           \
	VPXORQ      T0, T0, T0           \
	VPMADD52HUQ Z11, Z22, T1         \
	VPMADD52HUQ Z12, Z22, T2         \
	VPMADD52HUQ Z13, Z22, T3         \
	VPMADD52HUQ Z14, Z22, T4         \
	VPMADD52HUQ 0(CX), Z23, T1       \
	VPMADD52HUQ Z15, Z22, T5         \
	VPMADD52HUQ Z16, Z22, T6         \
	VPMADD52HUQ Z17, Z22, T7         \
	VPMADD52HUQ Z18, Z22, T8         \
	VPMADD52HUQ Z19, Z22, T9         \
	VPMADD52HUQ Z20, Z22, T10        \
	VPMADD52HUQ Z21, Z22, T0         \
	VPMADD52LUQ 2*64(CX), Z23, T2    \
	VPMADD52LUQ 3*64(CX), Z23, T3    \
	VPMADD52LUQ 4*64(CX), Z23, T4    \
	VPMADD52LUQ 5*64(CX), Z23, T5    \
	VPMADD52LUQ 6*64(CX), Z23, T6    \
	VPMADD52LUQ 7*64(CX), Z23, T7    \
	VPMADD52LUQ 8*64(CX), Z23, T8    \
	VPMADD52LUQ 9*64(CX), Z23, T9    \
	VPMADD52LUQ 10*64(CX), Z23, T10  \
	VPMADD52HUQ 1*64(CX), Z23, T2    \
	VPMADD52HUQ 2*64(CX), Z23, T3    \
	VPMADD52HUQ 3*64(CX), Z23, T4    \
	VPMADD52HUQ 4*64(CX), Z23, T5    \
	VPMADD52HUQ 5*64(CX), Z23, T6    \
	VPMADD52HUQ 6*64(CX), Z23, T7    \
	VPMADD52HUQ 7*64(CX), Z23, T8    \
	VPMADD52HUQ 8*64(CX), Z23, T9    \
	VPMADD52HUQ 9*64(CX), Z23, T10   \
	VPMADD52HUQ 10*64(CX), Z23, T0

#define CARRY(A, B) \
	VPSRLQ $52, A, Z26 \
	VPANDQ Z25, A, A   \
	VPADDQ Z26, B, B

#define ALL(OP) \
	OP(0, Z0, Z11)  \
	OP(1, Z1, Z12)  \
	OP(2, Z2, Z13)  \
	OP(3, Z3, Z14)  \
	OP(4, Z4, Z15)  \
	OP(5, Z5, Z16)  \
	OP(6, Z6, Z17)  \
	OP(7, Z7, Z18)  \
	OP(8, Z8, Z19)  \
	OP(9, Z9, Z20)  \
	OP(10, Z10, Z21)

#define READ_X(J, T, X) VMOVDQU64 J*64(SI), X
#define ZERO(J, T, X) VPXORQ T, T, T
#define DOUBLE(J, T, X) VPADDQ T, T, K1, T
#define WRITE(J, T, X) VMOVDQU64 T, J*64(DI)

// func chain11(z, x, y, m *Limb, inverse *Limb, doubled *byte, count int)
TEXT ·chain11(SB), NOSPLIT, $0-56
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ m+24(FP), CX
	MOVQ inverse+32(FP), AX
	MOVQ doubled+40(FP), R8
	MOVQ count+48(FP), BX
	VMOVDQU64 (AX), Z24
	LIMB_MASK

product:
	ALL(READ_X)
	ALL(ZERO)
	ROUND(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10)
	ROUND(1, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z0)
	ROUND(2, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z0, Z1)
	ROUND(3, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z0, Z1, Z2)
	ROUND(4, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z0, Z1, Z2, Z3)
	ROUND(5, Z5, Z6, Z7, Z8, Z9, Z10, Z0, Z1, Z2, Z3, Z4)
	ROUND(6, Z6, Z7, Z8, Z9, Z10, Z0, Z1, Z2, Z3, Z4, Z5)
	ROUND(7, Z7, Z8, Z9, Z10, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	ROUND(8, Z8, Z9, Z10, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	ROUND(9, Z9, Z10, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8)
	ROUND(10, Z10, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9)
	MOVBLZX (R8), AX
	INCQ    R8
	KMOVW   AX, K1
	ALL(DOUBLE)
	CARRY(Z0, Z1)
	CARRY(Z1, Z2)
	CARRY(Z2, Z3)
	CARRY(Z3, Z4)
	CARRY(Z4, Z5)
	CARRY(Z5, Z6)
	CARRY(Z6, Z7)
	CARRY(Z7, Z8)
	CARRY(Z8, Z9)
	CARRY(Z9, Z10)
	ALL(WRITE)
	MOVQ DI, SI
	MOVQ DI, DX
	DECQ BX
	JNE  product
	VZEROUPPER
	RET

// func subtract11(z, x, y, two *Limb)
TEXT ·subtract11(SB), NOSPLIT, $0-32
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ two+24(FP), CX
	LIMB_MASK
	VPXORQ Z4, Z4, Z4
	XORQ   AX, AX

limb:
	VPADDQ    (SI)(AX*1), Z4, Z4
	VPSUBQ    (DX)(AX*1), Z4, Z4
	VPADDQ    (CX)(AX*1), Z4, Z4
	VPANDQ    Z25, Z4, Z5
	VPSRAQ    $52, Z4, Z4
	VMOVDQU64 Z5, (DI)(AX*1)
	ADDQ $64, AX
	CMPQ AX, $704
	JLT  limb
	VZEROUPPER
	RET

// func swap11(x, y *Limb, mask byte)
TEXT ·swap11(SB), NOSPLIT, $0-17
	MOVQ x+0(FP), DI
	MOVQ y+8(FP), SI
	MOVBLZX mask+16(FP), AX
	KMOVW AX, K1
	XORQ AX, AX

exchange:
	VMOVDQU64 (DI)(AX*1), Z0
	VMOVDQU64 (SI)(AX*1), Z1
	VMOVDQU64 Z1, K1, (DI)(AX*1)
	VMOVDQU64 Z0, K1, (SI)(AX*1)
	ADDQ $64, AX
	CMPQ AX, $704
	JLT  exchange
	VZEROUPPER
	RET
