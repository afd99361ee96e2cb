package crypto

// quickCost is a scrypt cost that only tests know. The wallets' own files, which
// tests open, have the real ones.
const quickCost = 4

func init() { scryptP[quickCost] = 1 }
