package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	maxAge   = 5 * time.Minute // a revoked key is forgotten
	cooldown = 5 * time.Second // for a key that is not in the set, the set is fetched again this often
	maxBytes = 1 << 20
)

var client = http.Client{Timeout: 5 * time.Second}

// keySet is the gate's key set (RFC 7517), of which it keeps the keys for ES256.
type keySet struct {
	url     string
	lock    sync.Mutex
	keys    map[string]*ecdsa.PublicKey
	fetched time.Time
}

// find returns the key that the token names.
func (set *keySet) find(token *jwt.Token) (any, error) {
	kid, _ := token.Header["kid"].(string)
	set.lock.Lock()
	defer set.lock.Unlock()
	age := time.Since(set.fetched)
	if age > maxAge || set.keys[kid] == nil && age > cooldown {
		keys, err := fetch(set.url)
		if err != nil {
			return nil, err
		}
		set.keys, set.fetched = keys, time.Now()
	}
	if key := set.keys[kid]; key != nil {
		return key, nil
	}
	return nil, errors.New("the gate has no such key")
}

func fetch(url string) (map[string]*ecdsa.PublicKey, error) {
	response, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the gate's key set: %s", response.Status)
	}
	var set struct {
		Keys []struct{ Kid, Kty, Crv, X, Y string }
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBytes)).Decode(&set); err != nil {
		return nil, err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, key := range set.Keys {
		if key.Kty != "EC" || key.Crv != "P-256" {
			continue
		}
		x, errX := base64.RawURLEncoding.DecodeString(key.X)
		y, errY := base64.RawURLEncoding.DecodeString(key.Y)
		if errX != nil || errY != nil {
			return nil, errors.New("the gate's key set can't be read")
		}
		keys[key.Kid] = &ecdsa.PublicKey{
			Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y),
		}
	}
	return keys, nil
}
