#pragma once

#include <srtp2/srtp.h>

namespace srtp_compat
{
	// Call after srtp_init() and before the first session. Fails when one of the test vectors does not come out.
	srtp_err_status_t useOpenSslGcm();
} // namespace srtp_compat
