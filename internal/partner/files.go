package partner

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/wagasa/wagasa/internal/fault"
)

const maxKeyFile = 64 << 10

// writeNew writes a new file that only its owner can read, and makes it durable.
func writeNew(path string, content []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(path)
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}

// makeFolder makes a folder and those above it, durably.
func makeFolder(path string) error {
	if exists(path) {
		return nil
	}
	above := filepath.Dir(path)
	if err := makeFolder(above); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return syncFolder(above)
}

// exists says whether there is anything at path. In doubt there is.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// private refuses what others can read or write.
func private(path string, info fs.FileInfo) error {
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	want := "600"
	if info.IsDir() {
		want = "700"
	}
	return fault.New(fault.Denied, "%s can be used by others than its owner (mode %04o): run chmod %s %s, and replace the keys if others may have read them",
		path, info.Mode().Perm(), want, path)
}

// readPrivate reads a key file, unless others can.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := private(path, info); err != nil {
		return nil, err
	}
	return readBounded(f, path, maxKeyFile)
}

func readBounded(f io.Reader, path string, bound int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(f, bound+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if int64(len(content)) > bound {
		return nil, fault.New(fault.Invalid, "%s is longer than %d bytes", path, bound)
	}
	return content, nil
}
