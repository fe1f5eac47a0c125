package console

// What the host's pages of merchants say, and those of a new merchant's first steps.
var (
	wAddedToo = text{
		"刚刚已经新增了一个商户：如果不是同一个，请再提交一次",
		"A merchant has just been added: send this once more if it is another one",
	}
	wLicence     = text{"授权", "Licence"}
	wLicenceOver = text{"授权已到期", "The licence ended"}
	wEnter       = text{"进入", "Enter"}
	wLater       = text{"以后再说", "Later"}
	wSteps       = text{"步骤", "Steps"}
	wFirstTill   = text{"收银机对接", "Connect a till"}
	wTillHelp    = text{
		"收银机用这里生成的密钥连接。可以查询、开卡、充值、消费、用积分和挂失；不能退款。",
		"Tills connect with the credentials that are made here. They may look up, open and recharge cards, take payments " +
			"and points, and report losses; they may not refund.",
	}
	wMakeThem   = text{"生成密钥", "Make the credentials"}
	wMadeBefore = text{
		"这家门店已经有密钥了。重新生成以后，旧的马上失效，收银机要重新填写。",
		"There are credentials already. New ones end the old ones at once, and every till needs them then.",
	}
	wMakeAgain = text{"重新生成", "Make new ones"}
	wShownOnce = text{
		"密钥只显示这一次，请马上填到收银机里，或者抄下来收好。",
		"These are shown now and never again: enter them into the tills, or keep them safe.",
	}
	wServerAddress = text{"服务器地址", "Address of the server"}
	wOnlyHere      = text{
		"只有这台机器自己能访问。收银机在别的机器上时，请先按运维手册设置 addr 和 page-url。",
		"can be reached by this machine only. For tills on other machines " +
			"set addr and page-url first: see the operating manual.",
	}
	wTokenHelp = text{"在收银机的会员设置里填写：", "In the till's settings for members, type:"}
	wKeyHelp   = text{
		"说 dc78 协议的收银机填写下面的内容；签名方式特别的，请看运维手册：",
		"Tills that speak dc78 need the following; for those that sign in their own way, see the operating manual:",
	}
	wIHaveThem  = text{"已经填好", "I have them"}
	wReady      = text{"可以开业了", "Ready to begin"}
	wReadyHelp  = text{"基本设置已经完成。接下来可以：", "The first settings are done. What comes next:"}
	wGoMerchant = text{"进入商户，开第一张卡", "Go to the merchant, and open its first card"}
	wGoRules    = text{"修改规则、增加门店和优惠券", "Change rules, add shops and coupons"}
	wGoPeople   = text{"给店长和收银员建立账号", "Add the shop manager and the cashiers"}
	wGoDevice   = text{"为自己的账号开启两步验证", "Ask for a code besides your own password"}
)

// stepNames are the steps of a new merchant.
var stepNames = []text{
	{"商户和门店", "Merchant"}, {"等级和规则", "Levels"}, {"收银机", "Till"}, {"完成", "Ready"},
}
