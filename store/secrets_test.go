package store_test

import (
	"bytes"
	"context"
	"path/filepath"
	"sync"
	"testing"

	"chatserver/chattest"
	"chatserver/store"
)

func secretOf(t *testing.T, db *store.DB, name string) []byte {
	t.Helper()
	secret, err := db.Secret(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// All servers of a database share one secret, even if they first ask for it at the same
// moment. Another database and another name have different ones.
func TestServersOfOneDatabaseShareASecret(t *testing.T) {
	folder, database := t.TempDir(), chattest.Database(t)
	first, file := openURL(t, database, store.Options{}), openFolder(t, folder, store.Options{})
	nodes := []*store.DB{first, openURL(t, database, store.Options{}), openURL(t, database, store.Options{})}
	secrets := make([][]byte, 12)
	var asking sync.WaitGroup
	for i := range secrets {
		asking.Go(func() { secrets[i], _ = nodes[i%len(nodes)].Secret(context.Background(), store.SecretHints) })
	}
	asking.Wait()
	for _, secret := range secrets {
		if len(secret) != 32 || !bytes.Equal(secret, secrets[0]) {
			t.Fatalf("one server has %x, another %x", secrets[0], secret)
		}
	}
	for what, other := range map[string][]byte{"another purpose": secretOf(t, first, store.SecretShortIDs), "another database": secretOf(t, file, store.SecretHints)} {
		if bytes.Equal(other, secrets[0]) {
			t.Errorf("%s has the same secret", what)
		}
	}
}

func TestADamagedSecretIsNotUsed(t *testing.T) {
	folder := t.TempDir()
	db := openFolder(t, folder, store.Options{})
	secretOf(t, db, store.SecretShortIDs)
	ask(t, "sqlite", filepath.Join(folder, store.File), `UPDATE secrets SET value = 'short' RETURNING name`)
	if secret, err := db.Secret(context.Background(), store.SecretShortIDs); err == nil {
		t.Errorf("a damaged secret is used: %x", secret)
	}
}

// Users keep their short ids when a chat moves to another database.
func TestACopyHasTheSecrets(t *testing.T) {
	folder, database := t.TempDir(), chattest.Database(t)
	source := openFolder(t, folder, store.Options{})
	want := secretOf(t, source, store.SecretShortIDs)
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Transfer(context.Background(), "sqlite://"+folder, database, func(store.CopyStats) {}); err != nil {
		t.Fatal(err)
	}
	if got := secretOf(t, openURL(t, database, store.Options{}), store.SecretShortIDs); !bytes.Equal(got, want) {
		t.Errorf("the copy has %x, and the source %x", got, want)
	}
}
