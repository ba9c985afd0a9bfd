package dev.grain.aws;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The settings of the SDK for a test, by system properties, which go before the environment. */
final class AwsSettings implements AutoCloseable {
  private final Map<String, @Nullable String> before = new HashMap<>();

  /** Nothing but what tests set: no file of the user, and no service of a machine at AWS. */
  AwsSettings(Path empty) {
    set("aws.sharedCredentialsFile", empty.resolve("credentials").toString());
    set("aws.configFile", empty.resolve("config").toString());
    set("aws.disableEc2Metadata", "true");
  }

  AwsSettings set(String name, String value) {
    String was = System.setProperty(name, value);
    before.putIfAbsent(name, was);
    return this;
  }

  AwsSettings login(String user) {
    return set("aws.accessKeyId", user).set("aws.secretAccessKey", "key-of-" + user);
  }

  AwsSettings region(String region) {
    return set("aws.region", region);
  }

  AwsSettings endpoint(String url) {
    return set("aws.endpointUrlSecretsManager", url);
  }

  @Override
  public void close() {
    before.forEach((name, value) -> {
      if (value == null) {
        System.clearProperty(name);
      } else {
        System.setProperty(name, value);
      }
    });
  }
}
