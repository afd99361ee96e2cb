// Package imports has what no pallet may import.
package imports

import (
	_ "crypto/rand"  // want `import of crypto/rand`
	_ "hash/maphash" // want `import of hash/maphash`
	_ "math/bits"
	_ "math/rand"     // want `import of math/rand`
	_ "math/rand/v2"  // want `import of math/rand/v2`
	_ "net/http"      // want `import of net/http`
	_ "os"            // want `import of os`
	_ "runtime/debug" // want `import of runtime/debug`
	_ "unsafe"        // want `import of unsafe`
)
