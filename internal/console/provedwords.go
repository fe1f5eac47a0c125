package console

// What is said of proofs of the books.
var (
	wBooks     = text{"账目", "Books"}
	wProof     = text{"核对账目", "Proof of the books"}
	wProve     = text{"立即核对", "Prove the books now"}
	wProveHelp = text{
		"从第一笔流水重新计算每张卡，并检查每一条规则。核对时可以照常营业，只读不改。",
		"Every card is worked out again from its first entry, and every rule is checked. " +
			"Tills go on meanwhile; nothing is changed.",
	}
	wProveHost = text{
		"核对所有商户和平台本身。",
		"All merchants are proved, and the host's own books.",
	}
	wLastProofs  = text{"最近的核对", "The last proofs"}
	wNeverProved = text{"还没有在这里核对过账目", "The books have not been proved here yet"}
	wSeeProof    = text{"查看结果", "See what was found"}

	wProofHolds     = text{"账目核对无误：N 条规则通过", "The books hold: N rules were checked"}
	wProofBroken    = text{"账目有问题：N 条规则不成立", "The books do not hold: N rules are broken"}
	wProofBrokenOne = text{"账目有问题：1 条规则不成立", "The books do not hold: 1 rule is broken"}
	wProofEmpty     = text{"还没有任何流水，无法证明什么", "There is no entry yet, so nothing is proved"}
	wProofMend      = text{
		"请保留数据库的副本，并告诉系统管理员。下面是找到的问题（英文）。",
		"Keep a copy of the database, and tell whoever runs the server. What was found stands below.",
	}
	wProofRows    = text{"查看的记录", "Records looked at"}
	wProofFound   = text{"问题", "Wrong"}
	wProofUnknown = text{"无法判断", "Not known"}
	wProofCards   = text{"卡", "Cards"}
	wProofEntries = text{"流水", "Entries"}
	wProofOfAll   = text{"各商户的流水", "Entries of merchants"}
	wProofRule    = text{"规则 N", "Rule N"}
	wProofRules   = text{
		"一条规则可以有几项检查，编号相同、名称不同。",
		"A rule may have several checks, which have its number and a name of their own.",
	}
	wProofHostToo = text{
		"检查时也查看平台自己的流水，因此可能比各商户的流水多。",
		"The host's own entries are looked at as well, so a check may count more than the entries of merchants.",
	}
	wSeeCard       = text{"查看卡", "See the card"}
	wBooksBroken   = text{"账目核对发现问题", "A proof of the books has found something wrong"}
	wNotProvedYet  = text{"账目还没有核对过", "The books have not been proved yet"}
	wBooksUnproved = text{"账目超过一天没有核对", "The books have not been proved for a day"}
)
