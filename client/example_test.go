package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"

	"tongka/client"
)

// published is a server that answers with the published examples.
func published() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := "../internal/sandy/testdata/published/" + path.Base(r.URL.Path) + ".json"
		if r.URL.Path == "/Api" {
			var envelope struct{ Action struct{ Action string } }
			_ = json.NewDecoder(r.Body).Decode(&envelope)
			file = "testdata/" + envelope.Action.Action + ".json"
		}
		answer, err := os.ReadFile(file)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_, _ = w.Write(answer)
	}))
}

func ExampleSandy_Consume() {
	server := published()
	defer server.Close()
	till := client.Sandy{BaseURL: server.URL, Token: "test", GUID: "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"}

	// Write the request and its id down first: after a power failure the till asks again with this id.
	sale := client.ConsumeRequest{RequestID: "till-7-000481", Card: "M000123", Amount: 100_00}
	done, err := till.Consume(context.Background(), sale)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("paid", done.FromCard, "of", done.Gross, "left", done.Balance, "points", done.Score)
	// Output: paid 80.00 of 100.00 left 14493.80 points 2555
}

func ExampleSandy_RechargeRules() {
	server := published()
	defer server.Close()
	till := client.Sandy{BaseURL: server.URL, Token: "test", GUID: "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"}

	rules, err := till.RechargeRules(context.Background(), "000001")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range rules.Rules {
		fmt.Println(r.Description, r.Money, r.AddMoney)
	}
	fmt.Println(rules.PayTypes)
	// Output:
	// 充值送10% 1.00 1000
	// 冲500送100 500.00 1000000
	// [{1 现金} {2 银行卡} {4 支付宝} {3 微信}]
}

func ExampleSandy_History() {
	server := published()
	defer server.Close()
	till := client.Sandy{BaseURL: server.URL, Token: "test", GUID: "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"}

	page, err := till.History(context.Background(), client.HistoryRequest{Card: "M000123", PageSize: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range page.Entries {
		fmt.Println(e.ID, e.EventType, e.Net, e.Balance)
	}
	fmt.Println("of", page.Total)
	// Output:
	// 1003 6 115.00 14608.80
	// 1000 7 80.00 14493.80
	// of 30
}

func ExampleDC78_MbCheck() {
	server := published()
	defer server.Close()
	till := client.DC78{BaseURL: server.URL, MSID: "10021", Key: "b77217c91f9d0f5670de0dfab0e75378176d6c2e"}

	m, err := till.MbCheck(context.Background(), client.MbCheckRequest{Mbno: "47302320", Coupons: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Name, m.LevelName, m.Balance, m.Bonus, m.Points, m.Coupons[0].Name)
	// Output: 雪碧 钻石卡1 5795.99 40009.39 310 彭老板的券
}

func ExampleDC78_MbNewcard() {
	server := published()
	defer server.Close()
	till := client.DC78{BaseURL: server.URL, MSID: "24667", Key: "b77217c91f9d0f5670de0dfab0e75378176d6c2e"}

	cards, err := till.MbNewcard(context.Background(), client.MbNewcardRequest{
		Op: "操作员", Ref: "till-7-000483", Cards: []client.NewCard{{Name: "西瓜", Phone: "18862302465", Sex: new(1)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cards[0].Mbno, cards[0].Password)
	// Output: 15696132601 123456
}

// A bill is paid with the coupons the holder has chosen from MbCheck's list; the card pays the rest.
func ExampleDC78_MbTrans() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(
			w,
			`{"status":"1","info":"消费成功","id":"16","mbno":"47302320","amt":"250.00","co_amt":"60.00","balance":"5771.95","bns_balance":"39843.43","points":"329","ref":"till-7-000484"}`,
		)
	}))
	defer server.Close()
	till := client.DC78{BaseURL: server.URL, MSID: "10021", Key: "b77217c91f9d0f5670de0dfab0e75378176d6c2e"}

	paid, err := till.MbTrans(context.Background(), client.MbTransRequest{
		Action: client.TransConsume, Mbno: "47302320", Amount: 250_00, Ref: "till-7-000484",
		Coupons: client.CouponIDs{"385", "1793"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("coupons paid", paid.ByCoupons, "the card", paid.Amount-paid.ByCoupons, "of", paid.Amount)
	// Output: coupons paid 60.00 the card 190.00 of 250.00
}

// A till distinguishes three kinds of errors.
func ExampleUnsure() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "gateway is out of order", http.StatusBadGateway)
	}))
	defer server.Close()
	till := client.Sandy{BaseURL: server.URL, Tries: 1}

	_, err := till.Consume(context.Background(), client.ConsumeRequest{
		RequestID: "till-7-000482", Card: "M000123", Amount: 100_00,
	})
	if unsure, ok := errors.AsType[client.Unsure](err); ok {
		fmt.Println("ask again later as", unsure.RequestID)
	} else if no, ok := errors.AsType[client.Error](err); ok {
		fmt.Println("refused:", no.Message)
	} else if err != nil {
		fmt.Println("not done:", err)
	}
	// Output: ask again later as till-7-000482
}
