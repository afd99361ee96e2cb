//go:build amd64 && !purego

#include "textflag.h"

// Z0-Z19 are the accumulator, Z20 a limb of the second factor, Z21 the quotient digit, Z22 -1/p, Z23 the mask of a limb.
// The first factor (SI) and the modulus (CX) stay in memory.

#define P20_Inverse 160

#define LOW(J, T) \
	VPMADD52LUQ J*64(SI), Z20, T

#define REDUCE_LOW(J, T) \
	VPMADD52LUQ.BCST J*8(CX), Z21, T

// DOWN moves limb J+1 to limb J and adds the high halves of the products at limb J.
#define DOWN(J, T, NEXT) \
	VMOVDQA64        NEXT, T         \
	VPMADD52HUQ      J*64(SI), Z20, T \
	VPMADD52HUQ.BCST J*8(CX), Z21, T

#define CARRY20(A, B) \
	VPSRLQ $52, A, Z20 \
	VPANDQ Z23, A, A   \
	VPADDQ Z20, B, B

#define ALL(OP) \
	OP(0, Z0)   \
	OP(1, Z1)   \
	OP(2, Z2)   \
	OP(3, Z3)   \
	OP(4, Z4)   \
	OP(5, Z5)   \
	OP(6, Z6)   \
	OP(7, Z7)   \
	OP(8, Z8)   \
	OP(9, Z9)   \
	OP(10, Z10) \
	OP(11, Z11) \
	OP(12, Z12) \
	OP(13, Z13) \
	OP(14, Z14) \
	OP(15, Z15) \
	OP(16, Z16) \
	OP(17, Z17) \
	OP(18, Z18) \
	OP(19, Z19)

#define ZERO(J, T) VPXORQ T, T, T
#define WRITE(J, T) VMOVDQU64 T, J*64(DI)
#define TAKE(J, T) VMOVDQU64 J*64(SI), K1, T

// func Mul20(z, x, y *Vec20, m *Modulus20)
TEXT ·Mul20(SB), NOSPLIT, $0-32
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ m+24(FP), CX
	VPTERNLOGD   $0xff, Z23, Z23, Z23
	VPSRLQ       $12, Z23, Z23
	VPBROADCASTQ P20_Inverse(CX), Z22
	ALL(ZERO)
	MOVQ $20, BX

round:
	VMOVDQU64   (DX), Z20
	ADDQ        $64, DX
	VPXORQ      Z21, Z21, Z21
	ALL(LOW)
	VPMADD52LUQ Z22, Z0, Z21
	ALL(REDUCE_LOW)
	VPSRLQ      $52, Z0, Z0
	VPADDQ      Z0, Z1, Z1
	DOWN(0, Z0, Z1)
	DOWN(1, Z1, Z2)
	DOWN(2, Z2, Z3)
	DOWN(3, Z3, Z4)
	DOWN(4, Z4, Z5)
	DOWN(5, Z5, Z6)
	DOWN(6, Z6, Z7)
	DOWN(7, Z7, Z8)
	DOWN(8, Z8, Z9)
	DOWN(9, Z9, Z10)
	DOWN(10, Z10, Z11)
	DOWN(11, Z11, Z12)
	DOWN(12, Z12, Z13)
	DOWN(13, Z13, Z14)
	DOWN(14, Z14, Z15)
	DOWN(15, Z15, Z16)
	DOWN(16, Z16, Z17)
	DOWN(17, Z17, Z18)
	DOWN(18, Z18, Z19)
	VPXORQ           Z19, Z19, Z19
	VPMADD52HUQ      19*64(SI), Z20, Z19
	VPMADD52HUQ.BCST 19*8(CX), Z21, Z19
	DECQ BX
	JG   round

	CARRY20(Z0, Z1)
	CARRY20(Z1, Z2)
	CARRY20(Z2, Z3)
	CARRY20(Z3, Z4)
	CARRY20(Z4, Z5)
	CARRY20(Z5, Z6)
	CARRY20(Z6, Z7)
	CARRY20(Z7, Z8)
	CARRY20(Z8, Z9)
	CARRY20(Z9, Z10)
	CARRY20(Z10, Z11)
	CARRY20(Z11, Z12)
	CARRY20(Z12, Z13)
	CARRY20(Z13, Z14)
	CARRY20(Z14, Z15)
	CARRY20(Z15, Z16)
	CARRY20(Z16, Z17)
	CARRY20(Z17, Z18)
	CARRY20(Z18, Z19)
	ALL(WRITE)
	VZEROUPPER
	RET

// func Select20(z *Vec20, table *[16]Vec20, index uint64)
TEXT ·Select20(SB), NOSPLIT, $0-24
	MOVQ z+0(FP), DI
	MOVQ table+8(FP), SI
	VPBROADCASTQ index+16(FP), Z20
	VPXORQ       Z21, Z21, Z21
	MOVQ         $1, BX
	VPBROADCASTQ BX, Z22
	ALL(ZERO)
	MOVQ         $16, BX

entry:
	VPCMPEQQ Z20, Z21, K1
	ALL(TAKE)
	VPADDQ   Z22, Z21, Z21
	ADDQ     $1280, SI
	DECQ     BX
	JG       entry
	ALL(WRITE)
	VZEROUPPER
	RET
