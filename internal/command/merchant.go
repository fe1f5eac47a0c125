package command

import "tongka/internal/ledger"

// The commands, each with the merchant at which it is carried out. A command uses that merchant's records only.

func (b BindPhone) MerchantID() ledger.MerchantID       { return b.Merchant }
func (b ByHolder) MerchantID() ledger.MerchantID        { return b.Merchant }
func (a AcceptTime) MerchantID() ledger.MerchantID      { return a.Merchant }
func (b TakeBackTime) MerchantID() ledger.MerchantID    { return b.Merchant }
func (r ReverseExpiry) MerchantID() ledger.MerchantID   { return r.Merchant }
func (p Consume) MerchantID() ledger.MerchantID         { return p.Merchant }
func (p ConsumeShared) MerchantID() ledger.MerchantID   { return p.Bill.Merchant }
func (r RefundConsume) MerchantID() ledger.MerchantID   { return r.Merchant }
func (r RefundShared) MerchantID() ledger.MerchantID    { return r.Merchant }
func (c SendCoupons) MerchantID() ledger.MerchantID     { return c.Merchant }
func (v VoidCoupon) MerchantID() ledger.MerchantID      { return v.Merchant }
func (x ExpireCoupons) MerchantID() ledger.MerchantID   { return x.Merchant }
func (m ModifyDetails) MerchantID() ledger.MerchantID   { return m.Merchant }
func (x Expire) MerchantID() ledger.MerchantID          { return x.Merchant }
func (m ModifyHolder) MerchantID() ledger.MerchantID    { return m.Merchant }
func (l ChangeLevel) MerchantID() ledger.MerchantID     { return l.Merchant }
func (i Invoice) MerchantID() ledger.MerchantID         { return i.Merchant }
func (r ReverseInvoice) MerchantID() ledger.MerchantID  { return r.Merchant }
func (i Issue) MerchantID() ledger.MerchantID           { return i.Merchant }
func (o Once) MerchantID() ledger.MerchantID            { return o.Command.MerchantID() }
func (o Open) MerchantID() ledger.MerchantID            { return o.Merchant }
func (i Import) MerchantID() ledger.MerchantID          { return i.Merchant }
func (r ReverseOpenings) MerchantID() ledger.MerchantID { return r.Merchant }
func (u UsePoints) MerchantID() ledger.MerchantID       { return u.Merchant }
func (a AdjustPoints) MerchantID() ledger.MerchantID    { return a.Merchant }
func (r Recall) MerchantID() ledger.MerchantID          { return r.Merchant }
func (r Recharge) MerchantID() ledger.MerchantID        { return r.Merchant }
func (r ReverseRecharge) MerchantID() ledger.MerchantID { return r.Merchant }
func (r Renew) MerchantID() ledger.MerchantID           { return r.Merchant }
func (r ReverseRenewal) MerchantID() ledger.MerchantID  { return r.Merchant }
func (r Replace) MerchantID() ledger.MerchantID         { return r.Merchant }
func (p Scanned) MerchantID() ledger.MerchantID         { return p.Merchant }
func (p SendCode) MerchantID() ledger.MerchantID        { return p.Merchant }
func (p SendHolderCode) MerchantID() ledger.MerchantID  { return p.Merchant }
func (b ChargeToAccount) MerchantID() ledger.MerchantID { return b.Merchant }
func (r RefundCharge) MerchantID() ledger.MerchantID    { return r.Merchant }
func (r ReportLost) MerchantID() ledger.MerchantID      { return r.Merchant }
func (u CancelLoss) MerchantID() ledger.MerchantID      { return u.Merchant }
func (t Stop) MerchantID() ledger.MerchantID            { return t.Merchant }
func (r Resume) MerchantID() ledger.MerchantID          { return r.Merchant }
func (t Transfer) MerchantID() ledger.MerchantID        { return t.Merchant }
func (m Merge) MerchantID() ledger.MerchantID           { return m.Merchant }
func (g GiveBonus) MerchantID() ledger.MerchantID       { return g.Merchant }
func (h Hold) MerchantID() ledger.MerchantID            { return h.Merchant }
func (p Capture) MerchantID() ledger.MerchantID         { return p.Merchant }
func (r ReleaseHold) MerchantID() ledger.MerchantID     { return r.Merchant }
func (w Withdraw) MerchantID() ledger.MerchantID        { return w.Merchant }
func (r Return) MerchantID() ledger.MerchantID          { return r.Merchant }
func (c ChangeSettings) MerchantID() ledger.MerchantID  { return c.Merchant }
func (c ChangeWebhook) MerchantID() ledger.MerchantID   { return c.To.Merchant }
func (c ChangeAgent) MerchantID() ledger.MerchantID     { return ledger.HostID }
func (c ChangePerson) MerchantID() ledger.MerchantID    { return ledger.HostID }
func (t TurnDown) MerchantID() ledger.MerchantID        { return t.Merchant }
func (v ShowData) MerchantID() ledger.MerchantID        { return v.Merchant }
func (r RecordExport) MerchantID() ledger.MerchantID    { return r.Merchant }
func (h HandOver) MerchantID() ledger.MerchantID        { return h.Merchant }
func (t TrySignIn) MerchantID() ledger.MerchantID       { return ledger.HostID }
func (c SignedIn) MerchantID() ledger.MerchantID        { return ledger.HostID }
func (u UseChallenge) MerchantID() ledger.MerchantID    { return ledger.HostID }
func (a AddMerchant) MerchantID() ledger.MerchantID     { return ledger.HostID }
