-- Queries that this engine refuses, because polars would answer them wrongly or not at all; DuckDB answers them.
SELECT isp FROM sessions GROUP BY isp ORDER BY COUNT(*) DESC
SELECT isp, SUM(p2p) s FROM sessions GROUP BY isp ORDER BY -SUM(p2p)
SELECT isp, SUM(p2p) s FROM sessions GROUP BY isp ORDER BY MAX(cdn)
SELECT isp, SUM(COUNT(*)) OVER () AS t FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, COUNT(*) * 100.0 / SUM(COUNT(*)) OVER () AS t FROM sessions GROUP BY isp ORDER BY isp
SELECT isp, COUNT(*) AS n, RANK() OVER (ORDER BY COUNT(*) DESC) AS r FROM sessions GROUP BY isp ORDER BY r
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING isp LIKE 'B%'
SELECT 7//2 AS a, -7//2 AS c
SELECT CAST(p2p AS BIGINT) b FROM sessions
SELECT CAST(2.7 AS INT) a, CAST(-2.7 AS INT) b, CAST('12' AS INT) c, CAST(3 AS VARCHAR) d, CAST(1.5 AS VARCHAR) e, CAST('1.5' AS DOUBLE) f
SELECT COUNT(*) n FROM sessions WHERE p2p > 100_000_000
SELECT ROW_NUMBER() OVER (ORDER BY p2p, cdn, stream) AS r, p2p FROM sessions ORDER BY r LIMIT 10
WITH c AS (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) SELECT isp, browser, n, ROW_NUMBER() OVER (PARTITION BY isp ORDER BY n DESC, browser) AS r FROM c ORDER BY isp, r
WITH c AS (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser), r AS (SELECT isp, browser, n, ROW_NUMBER() OVER (PARTITION BY isp ORDER BY n DESC, browser) AS r FROM c) SELECT isp, browser FROM r WHERE r = 1 ORDER BY isp
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, n, SUM(n) OVER (ORDER BY stream) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, n, AVG(n) OVER (ORDER BY stream ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, n, AVG(n) OVER (ORDER BY stream ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, AVG(n) OVER (ORDER BY stream) AS p, COUNT(*) OVER (ORDER BY stream) AS q, MAX(n) OVER (ORDER BY stream) AS m, MIN(n) OVER (ORDER BY stream) AS mi FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, FIRST_VALUE(n) OVER (ORDER BY stream) AS p, LAST_VALUE(n) OVER (ORDER BY stream) AS q FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, NTILE(3) OVER (ORDER BY stream) AS p FROM c ORDER BY stream
WITH c AS (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) SELECT stream, PERCENT_RANK() OVER (ORDER BY stream) AS p FROM c ORDER BY stream
SELECT isp FROM sessions QUALIFY ROW_NUMBER() OVER (PARTITION BY isp ORDER BY p2p) = 1 ORDER BY isp
SELECT COUNT(*) AS n FROM sessions HAVING COUNT(*) > 5
SELECT isp, COUNT(*) n FROM sessions GROUP BY ROLLUP(isp)
SELECT STRPOS(isp,'a') l, COUNT(*) n FROM sessions GROUP BY l ORDER BY l
SELECT isp, COUNT(*) AS n, n * 2 AS m FROM sessions GROUP BY isp
SELECT SUM(1000000) AS s FROM sessions
SELECT SUM(1) AS s FROM sessions
SELECT stream, SUM(n) OVER (ORDER BY stream % 2) AS d FROM (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) t
SELECT stream, COUNT(n) OVER (ORDER BY stream % 2) AS d FROM (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) t
SELECT stream, MAX(n) OVER (ORDER BY stream % 2) AS d FROM (SELECT stream, COUNT(*) n FROM sessions GROUP BY stream) t
SELECT age, SUM(age) OVER (ORDER BY age) AS d FROM (SELECT DISTINCT age FROM sessions) t
SELECT age, COUNT(*) OVER (ORDER BY age) AS d FROM (SELECT DISTINCT age FROM sessions) t
SELECT isp, SUM(n) OVER (ORDER BY isp DESC) AS d FROM (SELECT isp, COUNT(*) n FROM sessions WHERE isp IS NOT NULL GROUP BY isp) t
SELECT isp, browser, SUM(n) OVER (PARTITION BY isp ORDER BY browser) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, browser, RANK() OVER (ORDER BY isp IS NULL, isp, browser) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, browser, DENSE_RANK() OVER (PARTITION BY browser ORDER BY isp IS NOT NULL DESC, isp DESC) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, browser, ROW_NUMBER() OVER (PARTITION BY browser ORDER BY isp IS NOT NULL DESC, isp DESC) AS d FROM (SELECT isp, browser, COUNT(*) n FROM sessions GROUP BY isp, browser) t
SELECT isp, FIRST_VALUE(browser) OVER (PARTITION BY isp ORDER BY browser) AS d, LAST_VALUE(browser) OVER (PARTITION BY isp ORDER BY browser) e FROM (SELECT DISTINCT isp, browser FROM sessions) t
SELECT isp, COUNT(*) AS n, MAX(COUNT(*)) OVER () AS m FROM sessions GROUP BY isp
SELECT isp, COUNT(*) AS n, RANK() OVER (ORDER BY n DESC) AS m FROM sessions GROUP BY isp
SELECT isp, COUNT(*) AS n, ROW_NUMBER() OVER (ORDER BY isp) AS m FROM sessions GROUP BY isp
SELECT isp, COUNT(*) OVER (PARTITION BY isp) AS m FROM sessions GROUP BY isp
SELECT QUANTILE_CONT(p2p, 0.9) OVER (PARTITION BY isp) AS m, isp FROM sessions
SELECT SUM(p2p) FILTER (WHERE connected) OVER (PARTITION BY isp) AS m, isp FROM sessions
SELECT isp FROM sessions WHERE isp IS NOT NULL INTERSECT SELECT isp FROM sessions WHERE age = 40 EXCEPT SELECT isp FROM sessions WHERE isp = 'BTP'
SELECT isp, COUNT(*) n FROM sessions GROUP BY isp HAVING COUNT(*) > 100 AND AVG(p2p) > 1 AND isp <> 'BTP'
SELECT SUBSTR(browser, 0, 2) a, SUBSTR(browser, -2) b, LEFT(browser, -1) c, RIGHT(browser, -1) d FROM sessions
SELECT POSITION('a' IN isp) a, STRPOS(isp, 'z') b FROM sessions
SELECT COUNT(*) n FROM sessions WHERE connected OR stream IN (SELECT stream FROM sessions WHERE age > 20 AND isp = 'BTP')
SELECT stream IN (SELECT stream FROM sessions WHERE age > 39) AS k, COUNT(*) n FROM sessions GROUP BY k
SELECT CASE WHEN stream IN (SELECT stream FROM sessions WHERE age > 39) THEN 1 ELSE 0 END AS k FROM sessions
SELECT ISP FROM sessions LIMIT 1
SELECT COUNT(*) n, stream % 3 AS k FROM sessions GROUP BY k HAVING k > 0
SELECT DISTINCT isp FROM sessions ORDER BY LENGTH(isp), isp
SELECT DISTINCT isp FROM sessions ORDER BY browser
TABLE sessions
SELECT isp, SUM(p2p) AS a, a / 2 AS b FROM sessions GROUP BY isp
SELECT stream * 2 AS d, stream * 2 + COUNT(*) AS n FROM sessions GROUP BY stream * 2
