// AES-GCM of libsrtp 2 by OpenSSL. Debian builds libsrtp2 on NSS, which sets up key and context anew for every packet; libsrtp
// lets a program put a cipher of its own in the place of a built-in one, after both have passed the same test vectors.
#include "openssl_gcm.h"

#include <srtp2/cipher.h>
#include <srtp2/crypto_types.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <openssl/evp.h>

namespace
{
	constexpr int SaltLen = 12;
	constexpr int IvLen = 12;

	// Key and direction stay in `evp` from packet to packet; a packet sets its IV only.
	struct Gcm
	{
		EVP_CIPHER_CTX* evp;
		int tagLen;
		bool encrypting;
	};

	srtp_err_status_t dealloc(srtp_cipher_t* cipher)
	{
		auto* gcm = static_cast<Gcm*>(cipher->state);

		EVP_CIPHER_CTX_free(gcm->evp); // wipes the key
		delete gcm;
		delete cipher;

		return srtp_err_status_ok;
	}

	// keyLen: of the key with the salt, as libsrtp counts it.
	srtp_err_status_t alloc(
	  const srtp_cipher_type_t* type, const EVP_CIPHER* evpCipher, srtp_cipher_t** out, int keyLen, int tagLen)
	{
		if (keyLen != EVP_CIPHER_key_length(evpCipher) + SaltLen || (tagLen != 8 && tagLen != 16))
		{
			return srtp_err_status_bad_param;
		}

		auto* gcm = new (std::nothrow) Gcm{ EVP_CIPHER_CTX_new(), tagLen, true };
		auto* cipher = new (std::nothrow) srtp_cipher_t{ type, gcm, keyLen, static_cast<int>(type->id) };

		if (!gcm || !cipher || !gcm->evp || !EVP_CipherInit_ex(gcm->evp, evpCipher, nullptr, nullptr, nullptr, 1))
		{
			if (gcm)
			{
				EVP_CIPHER_CTX_free(gcm->evp);
			}
			delete gcm;
			delete cipher;

			return srtp_err_status_alloc_fail;
		}

		*out = cipher;

		return srtp_err_status_ok;
	}

	srtp_err_status_t init(void* state, const uint8_t* key)
	{
		auto* gcm = static_cast<Gcm*>(state);
		const bool done = EVP_CipherInit_ex(gcm->evp, nullptr, nullptr, key, nullptr, -1);

		return done ? srtp_err_status_ok : srtp_err_status_init_fail;
	}

	srtp_err_status_t setIv(void* state, uint8_t* iv, srtp_cipher_direction_t direction)
	{
		if (direction != srtp_direction_encrypt && direction != srtp_direction_decrypt)
		{
			return srtp_err_status_bad_param;
		}

		auto* gcm = static_cast<Gcm*>(state);
		gcm->encrypting = direction == srtp_direction_encrypt;
		const bool done = EVP_CipherInit_ex(gcm->evp, nullptr, nullptr, nullptr, iv, gcm->encrypting ? 1 : 0);

		return done ? srtp_err_status_ok : srtp_err_status_init_fail;
	}

	// May be called several times for one packet.
	srtp_err_status_t setAad(void* state, const uint8_t* aad, uint32_t aadLen)
	{
		auto* gcm = static_cast<Gcm*>(state);
		int done = 0;

		return EVP_CipherUpdate(gcm->evp, nullptr, &done, aad, static_cast<int>(aadLen)) ? srtp_err_status_ok
		                                                                                 : srtp_err_status_algo_fail;
	}

	srtp_err_status_t encrypt(void* state, uint8_t* buffer, unsigned int* len)
	{
		auto* gcm = static_cast<Gcm*>(state);
		int done = 0;

		if (!gcm->encrypting)
		{
			return srtp_err_status_bad_param;
		}

		return EVP_CipherUpdate(gcm->evp, buffer, &done, buffer, static_cast<int>(*len)) ? srtp_err_status_ok
		                                                                                 : srtp_err_status_cipher_fail;
	}

	srtp_err_status_t getTag(void* state, uint8_t* tag, uint32_t* len)
	{
		auto* gcm = static_cast<Gcm*>(state);
		int done = 0;

		if (
		  !EVP_CipherFinal_ex(gcm->evp, tag, &done) ||
		  !EVP_CIPHER_CTX_ctrl(gcm->evp, EVP_CTRL_AEAD_GET_TAG, gcm->tagLen, tag))
		{
			return srtp_err_status_algo_fail;
		}

		*len = static_cast<uint32_t>(gcm->tagLen);

		return srtp_err_status_ok;
	}

	// The tag stands behind the text; `len` covers both, and the text alone afterwards.
	srtp_err_status_t decrypt(void* state, uint8_t* buffer, unsigned int* len)
	{
		auto* gcm = static_cast<Gcm*>(state);

		if (gcm->encrypting || *len < static_cast<unsigned int>(gcm->tagLen))
		{
			return srtp_err_status_bad_param;
		}

		const int textLen = static_cast<int>(*len) - gcm->tagLen;
		int done = 0;

		if (
		  !EVP_CIPHER_CTX_ctrl(gcm->evp, EVP_CTRL_AEAD_SET_TAG, gcm->tagLen, buffer + textLen) ||
		  !EVP_CipherUpdate(gcm->evp, buffer, &done, buffer, textLen))
		{
			return srtp_err_status_algo_fail;
		}

		if (!EVP_CipherFinal_ex(gcm->evp, buffer + textLen, &done))
		{
			return srtp_err_status_auth_fail;
		}

		*len = static_cast<unsigned int>(textLen);

		return srtp_err_status_ok;
	}

	// Test cases 4 and 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega); behind each key a salt that GCM does not use.
	const uint8_t Key128[16 + SaltLen] = { 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c,
		                                     0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08 };
	const uint8_t Key256[32 + SaltLen] = { 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
		                                     0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
		                                     0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08 };
	uint8_t Iv[IvLen] = { 0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88 };
	const uint8_t Aad[20] = { 0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
		                        0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2 };
	const uint8_t Text[60] = { 0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5, 0xaf, 0xf5, 0x26,
		                         0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda, 0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31,
		                         0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95, 0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49,
		                         0xa6, 0xb5, 0x25, 0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39 };
	const uint8_t Sealed128[60 + 16] = {
		0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24, 0x4b, 0x72, 0x21, 0xb7, 0x84, 0xd0, 0xd4, 0x9c, 0xe3, 0xaa, 0x21,
		0x2f, 0x2c, 0x02, 0xa4, 0xe0, 0x35, 0xc1, 0x7e, 0x23, 0x29, 0xac, 0xa1, 0x2e, 0x21, 0xd5, 0x14, 0xb2, 0x54, 0x66,
		0x93, 0x1c, 0x7d, 0x8f, 0x6a, 0x5a, 0xac, 0x84, 0xaa, 0x05, 0x1b, 0xa3, 0x0b, 0x39, 0x6a, 0x0a, 0xac, 0x97, 0x3d,
		0x58, 0xe0, 0x91, 0x5b, 0xc9, 0x4f, 0xbc, 0x32, 0x21, 0xa5, 0xdb, 0x94, 0xfa, 0xe9, 0x5a, 0xe7, 0x12, 0x1a, 0x47
	};
	const uint8_t Sealed256[60 + 16] = {
		0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d, 0x07, 0xf4, 0x7f, 0x37, 0xa3, 0x2a, 0x84, 0x42, 0x7d, 0x64, 0x3a, 0x8c,
		0xdc, 0xbf, 0xe5, 0xc0, 0xc9, 0x75, 0x98, 0xa2, 0xbd, 0x25, 0x55, 0xd1, 0xaa, 0x8c, 0xb0, 0x8e, 0x48, 0x59, 0x0d,
		0xbb, 0x3d, 0xa7, 0xb0, 0x8b, 0x10, 0x56, 0x82, 0x88, 0x38, 0xc5, 0xf6, 0x1e, 0x63, 0x93, 0xba, 0x7a, 0x0a, 0xbc,
		0xc9, 0xf6, 0x62, 0x76, 0xfc, 0x6e, 0xce, 0x0f, 0x4e, 0x17, 0x68, 0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b
	};
	const srtp_cipher_test_case_t Test128 = { sizeof(Key128), Key128, Iv, sizeof(Text), Text, sizeof(Sealed128),
		                                        Sealed128, sizeof(Aad), Aad, 16, nullptr };
	const srtp_cipher_test_case_t Test256 = { sizeof(Key256), Key256, Iv, sizeof(Text), Text, sizeof(Sealed256),
		                                        Sealed256, sizeof(Aad), Aad, 16, nullptr };

	srtp_err_status_t alloc128(srtp_cipher_t** out, int keyLen, int tagLen);
	srtp_err_status_t alloc256(srtp_cipher_t** out, int keyLen, int tagLen);

	const srtp_cipher_type_t Gcm128 = { alloc128, dealloc, init, setAad, encrypt, decrypt, setIv, getTag,
		                                  "AES-128 GCM using OpenSSL", &Test128, SRTP_AES_GCM_128 };
	const srtp_cipher_type_t Gcm256 = { alloc256, dealloc, init, setAad, encrypt, decrypt, setIv, getTag,
		                                  "AES-256 GCM using OpenSSL", &Test256, SRTP_AES_GCM_256 };

	srtp_err_status_t alloc128(srtp_cipher_t** out, int keyLen, int tagLen)
	{
		return alloc(&Gcm128, EVP_aes_128_gcm(), out, keyLen, tagLen);
	}

	srtp_err_status_t alloc256(srtp_cipher_t** out, int keyLen, int tagLen)
	{
		return alloc(&Gcm256, EVP_aes_256_gcm(), out, keyLen, tagLen);
	}
} // namespace

srtp_err_status_t srtp_compat::useOpenSslGcm()
{
	const srtp_err_status_t err = srtp_replace_cipher_type(&Gcm128, SRTP_AES_GCM_128);

	return err == srtp_err_status_ok ? srtp_replace_cipher_type(&Gcm256, SRTP_AES_GCM_256) : err;
}
