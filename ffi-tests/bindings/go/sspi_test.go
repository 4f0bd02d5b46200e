package sspi

// What the binding promises, both ends in one process. The accounts are those of NTLM_USER_FILE.

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"sync"
	"testing"
)

var alice = Identity{User: "alice", Domain: "EXAMPLE", Password: "Password123!"}

// The collector is to find what a test did not close before the process ends.
func TestMain(m *testing.M) {
	result := m.Run()
	for i := 0; i < 3; i++ {
		collect()
	}
	os.Exit(result)
}

// collect returns when finalizers of what was garbage have run.
func collect() {
	done := make(chan struct{})
	marker := new([16]byte)
	runtime.SetFinalizer(marker, func(*[16]byte) { close(done) })
	marker = nil
	runtime.GC()
	<-done
}

func pair(t *testing.T, pkg string, who Identity) (client, server *Context) {
	t.Helper()
	outbound, err := Outbound(pkg, &who)
	if err != nil {
		t.Fatal(err)
	}
	inbound, err := Inbound(pkg)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(outbound, "host/server.example", ClientDefaults), NewServer(inbound, ServerDefaults)
}

func logOn(client, server *Context) error {
	token, err := client.Step(nil)
	for err == nil && !(client.Complete() && server.Complete()) {
		if token, err = server.Step(token); err == nil && !client.Complete() {
			token, err = client.Step(token)
		}
	}
	return err
}

func loggedOn(t *testing.T, pkg string) (client, server *Context) {
	t.Helper()
	client, server = pair(t, pkg, alice)
	if err := logOn(client, server); err != nil {
		t.Fatal(err)
	}
	return client, server
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func logsOnAndSeals(t *testing.T, pkg string) {
	client, server := loggedOn(t, pkg)
	defer client.Close()
	defer server.Close()
	if user := must[string](t)(server.User()); user != `EXAMPLE\alice` {
		t.Error(user)
	}
	if name := must[string](t)(server.Package()); name != "NTLM" {
		t.Error(name)
	}
	for _, ends := range [][2]*Context{{client, server}, {server, client}} {
		for _, text := range [][]byte{[]byte("hello \x00 and on"), {}, bytes.Repeat([]byte("x"), 10000)} {
			sealed := must[[]byte](t)(ends[0].Wrap(text))
			if len(text) > 0 && bytes.Contains(sealed, text) {
				t.Error("the text can be read")
			}
			if opened := must[[]byte](t)(ends[1].Unwrap(sealed)); !bytes.Equal(opened, text) {
				t.Errorf("%q", opened)
			}
		}
		if err := ends[1].Verify([]byte("signed"), must[[]byte](t)(ends[0].Sign([]byte("signed")))); err != nil {
			t.Error(err)
		}
	}
	signature := must[[]byte](t)(client.Sign([]byte("signed")))
	if err := server.Verify([]byte("sealed"), signature); !errors.Is(err, MessageAltered) {
		t.Error(err)
	}
}

func TestEachPackageLogsOnAndSeals(t *testing.T) {
	for _, pkg := range []string{"NTLM", "Negotiate"} {
		logsOnAndSeals(t, pkg)
	}
}

func TestWhatIsWrongIsRefused(t *testing.T) {
	for _, pkg := range []string{"NTLM", "Negotiate"} {
		for _, who := range []Identity{{"alice", "EXAMPLE", "wrong"}, {"nobody", "EXAMPLE", "Password123!"}} {
			client, server := pair(t, pkg, who)
			if err := logOn(client, server); !errors.Is(err, LogonDenied) || server.Complete() {
				t.Error(pkg, who.User, err)
			}
		}
	}
	_, err := Inbound("Nonsense")
	if err == nil || err.Error() != "AcquireCredentialsHandle: SEC_E_SECPKG_NOT_FOUND (0x80090305)" {
		t.Error(err)
	}
}

func TestAnAlteredMessageIsRefused(t *testing.T) {
	client, server := loggedOn(t, "NTLM")
	sealed := must[[]byte](t)(client.Wrap([]byte("hello")))
	sealed[len(sealed)-1] ^= 1
	if opened, err := server.Unwrap(sealed); !errors.Is(err, MessageAltered) || opened != nil {
		t.Error(opened, err)
	}
}

func TestAClosedContextRefuses(t *testing.T) {
	client, _ := loggedOn(t, "NTLM")
	for i := 0; i < 2; i++ {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := client.Wrap([]byte("hello")); !errors.Is(err, InvalidHandle) {
		t.Error(err)
	}
}

func TestAnyNameLogsOn(t *testing.T) {
	client, server := pair(t, "NTLM", Identity{"müller", "EXAMPLE", "pässwörd ß€"})
	if err := logOn(client, server); err != nil {
		t.Fatal(err)
	}
	if user := must[string](t)(server.User()); user != `EXAMPLE\müller` {
		t.Error(user)
	}
}

func TestGoroutinesMayWorkWhileTheCollectorDoes(t *testing.T) {
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for n := 0; n < 15; n++ {
				logsOnAndSeals(t, "Negotiate")
				loggedOn(t, "NTLM")
				runtime.GC()
			}
		}()
	}
	group.Wait()
}
