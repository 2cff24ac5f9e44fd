// SPDX-License-Identifier: GPL-2.0-or-later
// RFC 4231's test cases, but for the fifth, which is about truncation.
#include "hmac.hpp"

#include "hex.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace {

struct Vector {
    std::string key;
    std::string message;
    std::string digest;
};

std::string counting_bytes(unsigned first, unsigned last) {
    std::string text;
    for (unsigned byte = first; byte <= last; ++byte)
        text += static_cast<char>(byte);
    return text;
}

std::vector<std::uint8_t> bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

} // namespace

TEST_CASE("HMAC-SHA256 agrees with RFC 4231") {
    const std::vector<Vector> vectors{
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {counting_bytes(0x01, 0x19), std::string(50, '\xcd'),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (const Vector& vector : vectors) {
        const auto digest = portknocko::hmac_sha256(bytes_of(vector.key), bytes_of(vector.message));
        REQUIRE(digest);
        CHECK(portknocko::to_hex(*digest) == vector.digest);
    }
}
