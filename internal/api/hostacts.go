package api

import (
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// People and keys belong to the host, and are changed in its journal; a caller reaches those of the merchant alone.

// hostNow returns the people and keys as they are stored.
func (c *call) hostNow() (*ledger.Host, error) {
	records, err := c.cfg.Books.Load(c.ctx, command.Want{Merchant: ledger.HostID, Keys: command.Keys{Head: true}})
	if err != nil {
		return nil, notDone(err)
	}
	return records[0].Host, nil
}

// permissionNames are the permissions by name.
var permissionNames = func() (all []any) {
	for _, name := range ledger.PermissionNames {
		all = append(all, name)
	}
	return all
}()

// Permission is something that a key or a person may do.
type Permission string

// Schema lists the permissions.
func (Permission) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Enum: permissionNames}
}

func permissionsOf(p ledger.Permission) []Permission {
	all := []Permission{}
	for i, name := range ledger.PermissionNames {
		if p&(1<<i) != 0 {
			all = append(all, Permission(name))
		}
	}
	return all
}

func permitted(names []Permission) (all ledger.Permission) {
	for _, name := range names {
		p, _ := ledger.ParsePermission(string(name)) // the description has no other
		all |= p
	}
	return all
}

// shopsNamed returns shops in order, each once; nil for none. A shop that is not the merchant's is a fault of field.
func (c *call) shopsNamed(ids []int64) (shops []ledger.ShopID, err error) {
	for _, id := range ids {
		if _, found := c.merchant.Shop(ledger.ShopID(id)); !found {
			return nil, c.refuseField("body.shops", "there is no shop "+strconv.FormatInt(id, 10))
		}
		shops = append(shops, ledger.ShopID(id))
	}
	slices.Sort(shops)
	return slices.Compact(shops), nil
}

func idsOf[ID ~int64](ids []ID) (all []int64) {
	for _, id := range ids {
		all = append(all, int64(id))
	}
	return all
}
