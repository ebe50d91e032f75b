// Signs in, reads, changes something, signs out. Go's standard library alone.
// Needs API_URL, API_USER and API_PASSWORD.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"time"
)

var client = &http.Client{
	Timeout: 30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	},
}
var csrf struct{ CsrfToken string }

func call(method, path, contentType, body string) []byte {
	request, err := http.NewRequest(method, os.Getenv("API_URL")+path, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("X-CSRF-Token", csrf.CsrfToken)
	answer, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	if answer.StatusCode/100 != 2 {
		log.Fatal(answer.Status, " ", string(text))
	}
	return text
}

func main() {
	client.Jar, _ = cookiejar.New(nil) // it never fails without options
	person := url.Values{
		"username": {os.Getenv("API_USER")},
		"password": {os.Getenv("API_PASSWORD")},
	}
	call("POST", "/login", "application/x-www-form-urlencoded", person.Encode())
	fmt.Println(string(call("GET", "/orders", "", "")))
	// A program says by this token that it means its changes.
	if err := json.Unmarshal(call("GET", "/csrf", "", ""), &csrf); err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(call("POST", "/orders", "application/json", `{"item":"tea"}`)))
	call("POST", "/logout", "", "")
}
