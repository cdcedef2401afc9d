package doctor

import "testing"

// No such file system can be mounted in a test: the numbers are those of statfs(2).
func TestNetworkFileSystemsAreKnown(t *testing.T) {
	for number, want := range map[int64]string{
		0x6969: "NFS", 0xFF534D42: "CIFS", -0xACB2BE: "CIFS", 0x01021997: "9p", 0xEF53: "", 0x01021994: "", 0x58465342: "", 0x9123683E: "",
	} {
		if name, certain := fileSystemNamed(number); name != want || certain != (want != "") {
			t.Errorf("%x is %q, %v", number, name, certain)
		}
	}
	if name, certain := fileSystemNamed(fuseNumber); name != "FUSE" || certain {
		t.Errorf("one that a program serves is %q, %v", name, certain)
	}
}
