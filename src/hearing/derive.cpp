#include "hearing/derive.h"

#include "hearing/deriver.h"

namespace sotto::hearing {

Plan derive(const Facts& facts) {
  return Deriver<Rules>(facts).run();
}

}  // namespace sotto::hearing
