// Signs a request. Go's standard library alone.
// Needs API_URL, HMAC_KEY_ID and HMAC_SECRET.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// sign adds the fields that sign a request with that body.
func sign(request *http.Request, body []byte) error {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	nonce := hex.EncodeToString(random)
	now := strconv.FormatInt(time.Now().Unix(), 10)
	hash := ""
	if len(body) > 0 {
		sum := sha256.Sum256(body)
		hash = hex.EncodeToString(sum[:])
	}
	// RequestURI: as it goes over the wire, query included.
	text := strings.Join([]string{request.Method, request.URL.RequestURI(), now, hash, nonce}, "\n")
	mac := hmac.New(sha256.New, []byte(os.Getenv("HMAC_SECRET")))
	mac.Write([]byte(text))
	request.Header.Set("X-Key-Id", os.Getenv("HMAC_KEY_ID"))
	request.Header.Set("X-Timestamp", now)
	request.Header.Set("X-Nonce", nonce)
	request.Header.Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
	return nil
}

func main() {
	body := []byte(`{"item":"tea"}`) // these very bytes are signed and sent
	request, err := http.NewRequest(
		"POST", os.Getenv("API_URL")+"/orders?source=till", bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if err := sign(request, body); err != nil {
		log.Fatal(err)
	}
	client := &http.Client{
		Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
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
	fmt.Println(string(text))
}
