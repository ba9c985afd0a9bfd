package dev.grain.key;

import io.netty.util.NetUtil;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * A key pair with the certificate that TLS wants around its public key. The certificate is signed
 * by the key itself. Nodes of a cluster look at nothing in it but the key; others may also look at
 * the names of its host.
 *
 * @param privateKey the secret
 * @param certificate the public key, and when the pair was made
 */
record OfferedKey(PrivateKey privateKey, X509Certificate certificate) {
  private static final String CURVE = "secp256r1";
  private static final String SIGNATURE = "SHA256withECDSA";

  private static final byte[] ECDSA_WITH_SHA256 =
      Der.sequence(Der.identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  private static final byte[] COMMON_NAME = Der.identifier(0x55, 0x04, 0x03);
  private static final byte[] SUBJECT_ALTERNATIVE_NAME = Der.identifier(0x55, 0x1d, 0x11);

  // the numbers of alternative names of these kinds
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;
  private static final int EXTENSIONS = 3;

  /** The time that stands for "does not expire". */
  private static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

  private static final int SERIAL_BYTES = 16;

  /**
   * Makes a new pair.
   *
   * @param name what the certificate calls its key, for people
   * @param hosts the names and addresses by which others may dial; none if nobody looks at them
   */
  static OfferedKey make(String name, List<String> hosts, Instant now) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      KeyPair pair = generator.generateKeyPair();
      return new OfferedKey(
          pair.getPrivate(), certificate(encodeCertificate(pair, name, hosts, now)));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime cannot create keys on " + CURVE, missing);
    }
  }

  /**
   * Reads a pair.
   *
   * @throws GeneralSecurityException if these are not a key and a certificate that belong together
   */
  static OfferedKey of(byte[] pkcs8, byte[] certificate) throws GeneralSecurityException {
    PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    OfferedKey pair = new OfferedKey(key, certificate(certificate));
    byte[] sample = certificate;
    Signature verifying = Signature.getInstance(SIGNATURE);
    verifying.initVerify(pair.publicKey());
    verifying.update(sample);
    if (!verifying.verify(sign(key, sample))) {
      throw new CertificateException("a private key and the certificate after it do not belong");
    }
    return pair;
  }

  PublicKey publicKey() {
    return certificate.getPublicKey();
  }

  String fingerprint() {
    return fingerprint(publicKey());
  }

  Instant made() {
    return certificate.getNotBefore().toInstant();
  }

  /** Returns a short text that stands for a public key. */
  static String fingerprint(PublicKey key) {
    return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest(key));
  }

  private static byte[] digest(PublicKey key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static byte[] encodeCertificate(
      KeyPair pair, String name, List<String> hosts, Instant now) throws GeneralSecurityException {
    byte[] subject = Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.utf8(name))));
    byte[] toBeSigned =
        Der.sequence(
            Der.explicit(0, Der.integer(BigInteger.TWO)),
            Der.integer(new BigInteger(1, digest(pair.getPublic()), 0, SERIAL_BYTES)),
            ECDSA_WITH_SHA256,
            subject,
            Der.sequence(Der.time(now), Der.time(NEVER)),
            subject,
            pair.getPublic().getEncoded(),
            extensions(hosts));
    return Der.sequence(
        toBeSigned, ECDSA_WITH_SHA256, Der.bits(sign(pair.getPrivate(), toBeSigned)));
  }

  private static byte[] extensions(List<String> hosts) {
    if (hosts.isEmpty()) {
      return new byte[0];
    }
    byte[][] names = hosts.stream().map(OfferedKey::alternativeName).toArray(byte[][]::new);
    byte[] extension = Der.sequence(SUBJECT_ALTERNATIVE_NAME, Der.octets(Der.sequence(names)));
    return Der.explicit(EXTENSIONS, Der.sequence(extension));
  }

  private static byte[] alternativeName(String host) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
    return address == null
        ? Der.implicit(DNS_NAME, host.getBytes(StandardCharsets.US_ASCII))
        : Der.implicit(IP_ADDRESS, address);
  }

  private static byte[] sign(PrivateKey key, byte[] content) throws GeneralSecurityException {
    Signature signing = Signature.getInstance(SIGNATURE);
    signing.initSign(key);
    signing.update(content);
    return signing.sign();
  }

  private static X509Certificate certificate(byte[] encoded) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(encoded));
  }

  /** Hides the secret. */
  @Override
  public String toString() {
    return fingerprint();
  }
}
