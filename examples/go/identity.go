package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

type caller struct {
	Subject    string   `json:"subject"`
	Method     string   `json:"method"`
	Scopes     []string `json:"scopes"`
	Credential string   `json:"credential"`
}

type identity struct {
	jwt.RegisteredClaims
	Method     string `json:"auth_method"`
	Scope      string `json:"scope"`
	Credential string `json:"credential"`
}

var keys = keySet{url: env("GATE_URL", "https://localhost:8443") + "/.well-known/jwks.json"}

var parser = jwt.NewParser(
	jwt.WithValidMethods([]string{"ES256"}),
	jwt.WithIssuer("gatehouse"),                                // 'realm' in gatehouse.yaml
	jwt.WithAudience(env("AUDIENCE", "http://127.0.0.1:3000")), // the route's 'upstream'
	jwt.WithExpirationRequired(),
)

// identify returns the caller whom the gate's token names, or an error when there is no token or a
// wrong one.
func identify(request *http.Request) (*caller, error) {
	var claims identity
	token, err := parser.ParseWithClaims(request.Header.Get("Gatehouse-Identity"), &claims, keys.find)
	if err != nil {
		return nil, err
	}
	if token.Header["typ"] != "gatehouse-identity+jwt" {
		return nil, errors.New("another type of token")
	}
	return &caller{claims.Subject, claims.Method, strings.Fields(claims.Scope), claims.Credential}, nil
}
