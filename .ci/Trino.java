/** What the server's own assembly runs: the server with a version to show. */
public class Trino {
    public static void main(String[] args) {
        new io.trino.server.Server().start(args[0]);
    }
}
