// Signs in, calls the API with the access token, renews it when it is refused, and signs out.
// Go's standard library alone.
// Needs API_URL, API_USER and API_PASSWORD.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

var client = &http.Client{
	Timeout: 30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	},
}

// Tokens of one sign-in. A refresh token is good for one use: one goroutine renews.
type Tokens struct {
	lock sync.Mutex
	pair struct{ AccessToken, RefreshToken string }
}

func send(method, path, token, form string) (int, []byte, error) {
	request, err := http.NewRequest(method, os.Getenv("API_URL")+path, strings.NewReader(form))
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if method == "POST" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = errors.New(answer.Status + " " + string(text))
	}
	return answer.StatusCode, text, err
}

// current gives the access token; it renews the one that was refused.
func (t *Tokens) current(refused string) (string, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if t.pair.AccessToken != refused {
		return t.pair.AccessToken, nil
	}
	signIn := url.Values{
		"username": {os.Getenv("API_USER")},
		"password": {os.Getenv("API_PASSWORD")},
	}
	path, form := "/api/auth/login", signIn
	if t.pair.RefreshToken != "" {
		path, form = "/api/auth/refresh", url.Values{"refreshToken": {t.pair.RefreshToken}}
	}
	status, text, err := send("POST", path, "", form.Encode())
	if status == 401 && t.pair.RefreshToken != "" { // it is over
		_, text, err = send("POST", "/api/auth/login", "", signIn.Encode())
	}
	if err != nil {
		return "", err
	}
	err = json.Unmarshal(text, &t.pair)
	return t.pair.AccessToken, err
}

func (t *Tokens) call(path string) (string, error) {
	refused := ""
	for tries := 1; ; tries++ {
		token, err := t.current(refused)
		if err != nil {
			return "", err
		}
		status, text, err := send("GET", path, token, "")
		if status != 401 || tries == 2 {
			return string(text), err
		}
		refused = token // ended, or revoked: once more with a new one
	}
}

func main() {
	var tokens Tokens
	for _, path := range []string{"/orders", "/orders?page=2"} {
		text, err := tokens.call(path)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(text)
	}
	form := url.Values{"refreshToken": {tokens.pair.RefreshToken}}
	if _, _, err := send("POST", "/api/auth/logout", "", form.Encode()); err != nil {
		log.Fatal(err)
	}
}
