package transactionpayment

// NextMultiplier is the rule of the multiplier without a block.
var NextMultiplier = nextMultiplier
