package dev.grain.redis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Connects to a host, encrypted if there is something to trust it by.
 *
 * @param timeoutMillis for connecting and for each answer
 */
record Sockets(HostAndPort host, @Nullable SSLContext tls, int connectMillis, int timeoutMillis)
    implements JedisSocketFactory {
  @Override
  @SuppressWarnings("AddressSelection") // one of them is tried, and the next host after it
  public Socket createSocket() {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
      socket.connect(new InetSocketAddress(host.getHost(), host.getPort()), connectMillis);
      socket.setSoTimeout(timeoutMillis);
      return tls == null ? socket : encrypted(socket, tls);
    } catch (IOException e) {
      try {
        socket.close();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw new JedisConnectionException("Failed to connect to " + host, e);
    }
  }

  private Socket encrypted(Socket plain, SSLContext context) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(plain, host.getHost(), host.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
