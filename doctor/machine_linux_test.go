package doctor

import "testing"

// Tests cannot mount these file systems, so this test uses the magic numbers of
// statfs(2).
func TestNetworkFileSystemsAreKnown(t *testing.T) {
	for number, want := range map[int64]string{
		0x6969: "NFS", 0xFF534D42: "CIFS", -0xACB2BE: "CIFS", 0x01021997: "9p", 0xEF53: "", 0x01021994: "", 0x58465342: "", 0x9123683E: "",
	} {
		if name, certain := fileSystemNamed(number); name != want || certain != (want != "") {
			t.Errorf("%x is %q, %v", number, name, certain)
		}
	}
	if name, certain := fileSystemNamed(fuseNumber); name != "FUSE" || certain {
		t.Errorf("FUSE is %q, %v", name, certain)
	}
}
